import { createFetch } from "./app.ts";
import { DEFAULT_APP } from "./apps.ts";
import { SimulatedBrowser } from "./browser.ts";
import { createFaults } from "./faults.ts";
import { createKeys } from "./keys.ts";
import { FULL_PROFILE } from "./people.ts";
import { logInAtKakao } from "./person-at-kakao.ts";
import { createState, findPerson } from "./state.ts";
import type { Call, Fault, FaultEndpoint, KakaoApp, Person } from "./types.ts";
import type { World } from "./world.ts";

export { DEFAULT_APP } from "./apps.ts";
export { ShownByKakao, SimulatedBrowser } from "./browser.ts";
export * from "./people.ts";
export type { Fault, KakaoApp, Person } from "./types.ts";

export type KakaoOptions = {
  /** Default `https://kauth.kakao.com`; also the issuer. */
  authOrigin?: string;
  /** Default `https://kapi.kakao.com`. */
  apiOrigin?: string;
  /** Default `[DEFAULT_APP]`. */
  apps?: readonly KakaoApp[];
  /** Milliseconds; default `Date.now`. */
  now?: () => number;
};

export type AuthorizeChoice = {
  /** Default FULL_PROFILE. */
  person?: Person;
  /** Presses 취소 on the consent page. */
  cancel?: boolean;
  /** Consent items to tick; default all but those that the person declines. */
  agree?: readonly string[];
  /** A browser that may be logged in already; default a fresh one. */
  browser?: SimulatedBrowser;
};

export type Kakao = {
  /** Both hosts, by path. */
  fetch(request: Request): Promise<Response>;
  people: readonly Person[];
  /** Every request that reached Kakao's endpoints, in order. */
  calls: Call[];
  faults: { set(endpoint: FaultEndpoint, fault: Fault, times?: number): void; clear(): void };
  /**
   * What a person does in the browser, through the pages and their forms.
   *
   * @returns the address that Kakao sends the browser back to
   * @throws ShownByKakao when Kakao shows its own error page instead
   */
  authorize(url: string | URL, choice?: AuthorizeChoice): Promise<URL>;
  /** A browser that stays logged in at Kakao from one `authorize` to the next. */
  createBrowser(): SimulatedBrowser;
};

/** A Kakao of one's own, in memory: apps, people, consent, tokens. */
export const createKakao = (options: KakaoOptions = {}): Kakao => {
  const world: World = {
    authOrigin: options.authOrigin ?? "https://kauth.kakao.com",
    apiOrigin: options.apiOrigin ?? "https://kapi.kakao.com",
    apps: options.apps ?? [DEFAULT_APP],
    now: options.now ?? Date.now,
    state: createState(),
    keys: createKeys(),
    faults: createFaults(),
  };
  const calls: Call[] = [];
  const fetch = createFetch(world, calls);
  const createBrowser = () => new SimulatedBrowser(fetch);
  return {
    fetch,
    people: world.state.people,
    calls,
    faults: world.faults,
    createBrowser,
    authorize: (url, choice = {}) => {
      const person = choice.person ?? FULL_PROFILE;
      if (findPerson(world.state, person.id) === null) world.state.people.push(person);
      return logInAtKakao(choice.browser ?? createBrowser(), url, {
        person,
        cancel: choice.cancel ?? false,
        agree: choice.agree ?? null,
      });
    },
  };
};
