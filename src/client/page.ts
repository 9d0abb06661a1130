import { type Arrival, readArrival } from "./arrival.ts";
import { type Silent, startAttempt } from "./attempts.ts";
import type { Channel, Location, OnPageShow } from "./browser.ts";
import { type Answer, authError, ignore, PATIENCE_MILLISECONDS, request } from "./request.ts";
import { stored } from "./stored.ts";
import type { AuthClient, LoginOptions, SessionState } from "./types.ts";

declare const location: Location;
declare const BroadcastChannel: new (name: string) => Channel;
declare const addEventListener: OnPageShow;

/**
 * What all clients of one auth host share while the page lives. `bearer` waits until all that was asked for is done,
 * and gives the session token where that is the transport.
 */
export type Page = [client: PageClient, bearer: () => Promise<string | null | undefined>];

type PageClient = { -readonly [Name in keyof Omit<AuthClient, "fetch" | "logout">]: AuthClient[Name] } & {
  logout: (...ending: Silent) => Promise<void>;
};

type Transport = "cookie" | "bearer";

/**
 * What is remembered of a login while no cookie is known to carry it: what to try first, and whose it is once that is
 * known. An object, so that the bare words of version 0.1.0, which stood for any login, mean nothing.
 */
type Word = { by: Transport; id?: string | undefined };

/** Finishes a login that this page came back from, and follows what other tabs and the back button do. */
export const openPage = (origin: string): Page => {
  const listeners = new Set<(state: SessionState) => void>();
  let grant: Arrival[0];
  let mayLeave = false;
  let channel: Channel | undefined;
  /** The session where no cookie carries it; in memory alone, so that a reload has to sign on again. */
  let token: string | null | undefined;
  /**
   * Whom the code was exchanged for; if the browser kept the cookie, `/session` names the same user. `true` after an
   * answer that was lost: nobody has that id, so that the fall-back follows.
   */
  let exchangedFor: string | true | undefined;
  /** Only a bearer that no lost answer led to shows that cookies are in vain. */
  let resumeBy: Transport = "bearer";
  /** The last logout that has not settled: what a silent login that is started meanwhile has to be followed by. */
  let ending: Silent | undefined;
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
    location[silent ? "replace" : "assign"](await startAttempt(origin, options, silent));
    return new Promise((resolve) => setTimeout(resolve, PATIENCE_MILLISECONDS));
  };

  /** @returns nothing when the code was refused, or was perhaps used by an exchange whose answer was lost */
  const exchange = (transport: Transport): Promise<Answer | undefined> =>
    call("/session/exchange", { ...grant, transport }).then(
      (answer) => {
        exchangedFor = answer.user?.id;
        token = answer.token;
        return answer;
      },
      (error): undefined => {
        // The last word on a code. After a rate limit it is still good, and after an outage it may be.
        const refused = /^4/.test(error.status);
        if ((exchangedFor && !refused) || error.status === 429) throw error;
        if (refused) {
          grant = null;
          client.error = error;
        } else {
          exchangedFor = true;
          resumeBy = transport;
        }
      },
    );

  /**
   * What this browser remembers, once it was told so if there is a `word`: a login that no cookie is known to carry.
   * Where storage is blocked it remembers nothing, and a reload of a bearer page is signed out.
   */
  const remember = (word?: Word | null): Partial<Word> => Object(stored("localStorage", origin, word));

  const publish = (
    { user = null, session = null }: Answer,
    // A bearer that ended was ended elsewhere: signing on again by itself would undo what the person did there.
    announced: unknown = user ? grant : token,
  ): SessionState => {
    const state = { user, session } as SessionState;
    grant = null;
    mayLeave = false;
    token = user && token;
    client.transport = user ? (token ? "bearer" : "cookie") : null;
    if (announced || (known !== null && known !== user?.id)) {
      // Each listener in a task of its own, so that one that throws harms nobody else.
      for (const listener of listeners) Promise.resolve(state).then(listener);
    }
    if (announced) {
      remember(token ? { by: resumeBy, id: user?.id } : null);
      channel?.postMessage(0);
    }
    known = user?.id;
    return state;
  };

  /** Finishes a login, asks who is signed in, and leaves for a silent login where only that can tell. */
  const ask = async (): Promise<Answer> => {
    let answer: Answer | null | undefined;
    if (grant && !exchangedFor) {
      const by = remember().by ?? "cookie";
      // Should the answers be lost, only a silent login of a later page can tell that the auth host has a login.
      remember({ by });
      answer = await exchange(by);
    }
    // After a lost answer, too: the last use of a code must not be spent on a host that does not answer.
    if (!answer?.token) answer = await call("/session");
    // The browser kept no cookie. The code may be used once more, for a session that needs none.
    if (grant && answer.user?.id !== exchangedFor) answer = (await exchange("bearer")) ?? answer;
    if (mayLeave && !answer.user && remember().by) {
      mayLeave = false;
      await leave({}, ending ?? []);
    }
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
      checking ??= enqueue(() => ask().then(publish)).finally(() => {
        checking = null;
      });
      return checking;
    },
    logout: (options = {}, person) => {
      checking = null;
      const mine: Silent = [options, remember().id];
      ending = mine;
      return enqueue(async () => {
        // A bearer went with the page before, or a lost answer with it. Without one the auth host would end nothing and
        // say that all is well.
        if (!token && (grant || remember().by)) {
          const { user } = await ask();
          // Somebody else may be signed in by the time that the page comes back: their logins are not this one's.
          if (!user || (person && person !== user.id)) throw authError("network");
        }
        await call("/logout", options);
        publish({}, true);
      }).finally(() => {
        // What rejected is over: no later `session()` may carry it out, on whoever is signed in by then.
        if (ending === mine) ending = undefined;
      });
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  // A server that renders the page has no address bar; there a client does nothing.
  if ((globalThis as { location?: unknown }).location) {
    let silent: Arrival[3];
    [grant, client.error, mayLeave, silent] = readArrival(origin);
    channel = new BroadcastChannel(origin);
    channel.onmessage = recheck;
    addEventListener("pageshow", ({ persisted }) => persisted && recheck());
    if (grant) (silent?.[0] ? client.logout(...silent) : client.session()).catch(ignore);
  }
  return [client, () => queue.then(() => token)];
};
