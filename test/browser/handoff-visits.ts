import { expect } from "vitest";
import { FULL_PROFILE, type Person } from "../simulator/index.ts";
import type { Tab } from "./engine.ts";
import { agreeAtKakao, logInAtKakao } from "./kakao-pages.ts";
import type { Scenario } from "./scenario.ts";
import { BLANK_PATH } from "./tls-server.ts";
import { goToKakao } from "./visits.ts";
import { KAKAO, PARTNER, type SeenRequest, type World } from "./world.ts";

/** How a session travels that was handed off to another site, in an engine as it comes. */
export const usualTransport = ({ engine }: Parameters<Scenario["run"]>[0]): "cookie" | "bearer" =>
  engine.partitionedCookies ? "cookie" : "bearer";

/** The whole way for a front end on another site, from its button to its page with a name on it. */
export async function logInAtPartner(tab: Tab, person: Person = FULL_PROFILE, page = `${PARTNER}/`): Promise<void> {
  await goToKakao(tab, page);
  await logInAtKakao(tab, person);
  await agreeAtKakao(tab);
  await tab.waitForUrl((url) => url.origin === PARTNER);
  await tab.waitFor('body[data-state="signed-in"]');
}

/** Logs in up to a code that nobody exchanged yet. @returns the address that the code came back with */
export async function unusedCode(tab: Tab): Promise<URL> {
  await tab.goto(`${PARTNER}/`);
  await tab.waitFor('body[data-state="signed-out"]');
  await tab.click("#login-to-blank");
  await tab.waitForUrl((url) => url.origin === KAKAO);
  await logInAtKakao(tab, FULL_PROFILE);
  await agreeAtKakao(tab);
  await tab.waitForUrl((url) => url.pathname === BLANK_PATH);
  expect(tab.url().searchParams.get("code")).toMatch(/^[\w-]{22,}$/);
  return tab.url();
}

/** The client page with the parameters of an address that a login came back with. */
export function clientPageWith(address: URL, changes: Record<string, string> = {}): string {
  const page = new URL(`${PARTNER}/${address.search}`);
  for (const [name, value] of Object.entries(changes)) {
    page.searchParams.set(name, value);
  }
  return page.href;
}

/** What reaches the Worker and Kakao from now on. */
export function watch(world: World) {
  const [requests, calls] = [world.requestsToWorker.length, world.kakao.calls.length];
  const seen = (): SeenRequest[] => world.requestsToWorker.slice(requests);
  return {
    kakaoCalls: () => world.kakao.calls.slice(calls),
    exchanges: () => seen().filter(({ method, url }) => method === "POST" && url.pathname === "/session/exchange"),
    logins: () => seen().filter(({ url }) => url.pathname === "/login/kakao"),
    /** The session cookies that pages of this origin sent along, in order, without `null`s and repetitions. */
    cookiesFrom: (origin: string) => [
      ...new Set(seen().flatMap((request) => (request.origin === origin ? (request.sessionCookie ?? []) : []))),
    ],
    from: (origin: string) => seen().filter((request) => request.origin === origin && request.method !== "OPTIONS"),
  };
}
