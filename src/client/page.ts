import { type Grant, readArrival } from "./arrival.ts";
import { type LogoutOptions, type Silent, startAttempt } from "./attempts.ts";
import type { Channel, Location, OnPageShow } from "./browser.ts";
import { type Answer, authError, PATIENCE_MILLISECONDS, request } from "./request.ts";
import { stored } from "./stored.ts";
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
  /**
   * Whom the code was exchanged for; if the browser kept the cookie, `/session` names the same user. `true` after an
   * answer that was lost: nobody has that id, so that the fall-back follows.
   */
  let exchangedFor: string | true | undefined;
  /** What to try first after a reload: only a bearer that no lost answer led to shows that cookies are in vain. */
  let resumeBy: Transport = "bearer";
  /** The logout that a silent login has to be followed by. */
  let ending: LogoutOptions | undefined;
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

  const leave = async (options?: LoginOptions, silent?: Silent): Promise<void> => {
    location[silent ? "replace" : "assign"](await startAttempt(origin, name, options, silent));
    await new Promise((resolve) => setTimeout(resolve, PATIENCE_MILLISECONDS));
  };

  /** @returns nothing when the code was refused, or was perhaps used by an exchange whose answer was lost */
  const exchange = async (transport: Transport): Promise<Answer | undefined> => {
    try {
      const answer = await call("/session/exchange", { ...grant, transport });
      exchangedFor = answer.user?.id;
      token = answer.token;
      return answer;
    } catch (error) {
      const { status } = error as AuthError;
      // The last word on a code. After a rate limit it is still good, and after an outage it may be.
      const refused = status > 399 && status < 500;
      if (status === 429 || (exchangedFor && !refused)) throw error;
      if (refused) {
        grant = null;
        client.error = error as AuthError;
      } else {
        exchangedFor = true;
        resumeBy = transport;
      }
    }
  };

  /**
   * What to try first when this browser signs on again after a reload: the word alone, and no word where a cookie
   * carries the session or nobody is signed in. Where storage is blocked, a reload of a bearer page is signed out.
   */
  const remembered = (): unknown => stored("localStorage", name);

  const publish = (
    { user, session }: Answer,
    // A bearer that ended was ended elsewhere: signing on again by itself would undo what the person did there.
    announced: unknown = user ? grant : token,
  ): SessionState => {
    const state = { user, session } as SessionState;
    grant = null;
    mayLeave = false;
    if (!user) token = undefined;
    client.transport = user ? (token ? "bearer" : "cookie") : null;
    if (announced || (known !== null && known !== user?.id)) {
      // Each listener in a task of its own, so that one that throws harms nobody else.
      for (const listener of listeners) queueMicrotask(() => listener(state));
    }
    if (announced) {
      stored("localStorage", name, token ? resumeBy : null);
      channel?.postMessage(0);
    }
    known = user?.id;
    return state;
  };

  /** Finishes a login, asks who is signed in, and leaves for a silent login where only that can tell. */
  const ask = async (): Promise<Answer> => {
    let answer: Answer | null | undefined;
    if (grant && !exchangedFor) answer = await exchange((remembered() ?? "cookie") as Transport);
    // After a lost answer, too: the last use of a code must not be spent on a host that does not answer.
    if (!answer?.token) answer = await call("/session");
    // The browser kept no cookie. The code may be used once more, for a session that needs none.
    if (grant && answer.user?.id !== exchangedFor) answer = (await exchange("bearer")) ?? answer;
    if (mayLeave && !answer.user && remembered()) await leave({}, [ending]);
    return answer;
  };

  const recheck = (): void => {
    // A page that never asked must not be made to leave for the answer.
    if (checking || known !== null) {
      checking = null;
      client.session().catch(ignore);
    }
  };

  const client: PageClient = {
    error: null,
    transport: null,
    login: (options) => leave(options),
    session: () => {
      checking ??= enqueue(async () => publish(await ask())).finally(() => {
        checking = null;
      });
      return checking;
    },
    logout: (options = {}) => {
      checking = null;
      ending = options;
      return enqueue(async () => {
        // A bearer went with the page before. Without one the auth host would end nothing and say that all is well.
        if (!token && (grant || remembered()) && !(await ask()).user && remembered()) {
          throw authError("network");
        }
        await call("/logout", options);
        publish({ user: null, session: null }, true);
      });
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  // A server that renders the page has no address bar; there a client does nothing.
  if (typeof location !== "undefined") {
    [grant, client.error, mayLeave, ending] = readArrival(origin, name);
    channel = new BroadcastChannel(name);
    channel.onmessage = recheck;
    addEventListener("pageshow", ({ persisted }) => persisted && recheck());
    if (grant) (ending ? client.logout(ending) : client.session()).catch(ignore);
  }
  return [client, () => queue.then(() => token)];
};
