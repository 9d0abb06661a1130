import { type Grant, readArrival } from "./arrival.ts";
import { startAttempt } from "./attempts.ts";
import type { Channel, Location, OnPageShow } from "./browser.ts";
import { type Answer, PATIENCE_MILLISECONDS, request } from "./request.ts";
import { readStored, writeStored } from "./stored.ts";
import type { AuthClient, AuthError, LoginOptions, SessionState } from "./types.ts";

declare const location: Location;
declare const BroadcastChannel: new (name: string) => Channel;
declare const addEventListener: OnPageShow;

/**
 * What all clients of one auth host share while the page lives. `bearer` waits until all that was asked for is done,
 * and gives the session token where that is the transport.
 */
export type Page = [client: PageClient, bearer: () => Promise<string | undefined>];

type PageClient = { -readonly [Name in keyof Omit<AuthClient, "fetch">]: AuthClient[Name] };

type Transport = "cookie" | "bearer";

const SIGNED_OUT: SessionState = { user: null, session: null };

/** After an outage or a rate limit a code may still be good; any other refusal is the last word on it. */
const FINAL = /^4(?!29)/;

const ignore = (): void => {};

/** Finishes a login that this page came back from, and follows what other tabs and the back button do. */
export const openPage = (origin: string): Page => {
  // One name for the tab's attempts, the browser's transport and the channel between tabs.
  const name = `kakao-auth ${origin}`;
  const listeners = new Set<(state: SessionState) => void>();
  let grant: Grant | null = null;
  let mayLeave = false;
  let channel: Channel | undefined;
  /** The session where no cookie carries it; in memory alone, so that a reload has to sign on again. */
  let token: string | undefined;
  /** Whom the code was exchanged for; if the browser kept the cookie, `/session` names the same user. */
  let exchangedFor: string | undefined;
  /** Whom the listeners know of; `null` before the first answer. */
  let known: string | undefined | null = null;
  let queue: Promise<unknown> = Promise.resolve();
  let checking: Promise<SessionState> | null = null;

  /** One after the other: a logout that overtook a check would be undone by the check's answer. */
  const enqueue = <T>(task: () => Promise<T>): Promise<T> => {
    const result = queue.then(task);
    queue = result.catch(ignore);
    return result;
  };

  const call = (path: string, body?: object): Promise<Answer> => request(origin + path, token, body);

  const leave = async (options: LoginOptions, silent?: boolean): Promise<void> => {
    const url = await startAttempt(origin, name, options, silent);
    location[silent ? "replace" : "assign"](url);
    await new Promise((resolve) => setTimeout(resolve, PATIENCE_MILLISECONDS));
  };

  const exchange = async (transport: Transport): Promise<Answer> => {
    try {
      const answer = await call("/session/exchange", { ...grant, transport });
      exchangedFor = answer.user?.id;
      token = answer.token;
      return answer;
    } catch (error) {
      if (!FINAL.test(`${(error as AuthError).status}`)) throw error;
      grant = null;
      client.error = error as AuthError;
      return SIGNED_OUT;
    }
  };

  /**
   * The transport that this browser took at its last login: the word alone, and no word after a logout. Where storage
   * is blocked a login costs one more call, and a reload of a bearer page is signed out.
   */
  const remember = (transport: Transport | null): boolean => writeStored("localStorage", name, transport);
  const remembersBearer = (): boolean => readStored("localStorage", name) === "bearer";

  const publish = (state: SessionState, announced: boolean): SessionState => {
    const id = state.user?.id;
    client.transport = state.user && (token ? "bearer" : "cookie");
    if (announced || (known !== null && known !== id)) {
      // Each listener in a task of its own, so that one that throws harms nobody else.
      for (const listener of listeners) queueMicrotask(() => listener(state));
    }
    if (announced) {
      remember(client.transport);
      channel?.postMessage(0);
    }
    known = id;
    return state;
  };

  const check = async (): Promise<SessionState> => {
    let answer: Answer = SIGNED_OUT;
    if (grant && !exchangedFor) answer = await exchange(remembersBearer() ? "bearer" : "cookie");
    if (!grant || !token) answer = await call("/session");
    // The browser kept no cookie. The code may be used once more, for a session that needs none.
    if (grant && answer.user?.id !== exchangedFor) answer = await exchange("bearer");

    const { user, session } = answer;
    // A bearer that ended was ended elsewhere: signing on again by itself would undo what the person did there.
    const announced = !!(user ? grant : token);
    const leaving = mayLeave && !user && remembersBearer();
    grant = null;
    mayLeave = false;
    if (!user) token = undefined;
    if (leaving) await leave({}, true);
    return publish({ user, session } as SessionState, announced);
  };

  const recheck = (): void => {
    // A page that never asked must not be made to leave for the answer.
    if (!checking && known === null) return;
    checking = null;
    client.session().catch(ignore);
  };

  const client: PageClient = {
    error: null,
    transport: null,
    login: (options = {}) => leave(options),
    session: () => {
      checking ??= enqueue(check).finally(() => {
        checking = null;
      });
      return checking;
    },
    logout: (options = {}) => {
      checking = null;
      return enqueue(async () => {
        await call("/logout", options);
        grant = null;
        token = undefined;
        publish(SIGNED_OUT, true);
      });
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  // A server that renders the page has no address bar; there a client does nothing.
  if (typeof location !== "undefined") {
    let nobody: boolean;
    [grant, client.error, nobody, mayLeave] = readArrival(origin, name);
    if (nobody) remember(null);
    channel = new BroadcastChannel(name);
    channel.onmessage = recheck;
    addEventListener("pageshow", ({ persisted }) => persisted && recheck());
    if (grant) client.session().catch(ignore);
  }
  return [client, () => queue.then(() => token)];
};
