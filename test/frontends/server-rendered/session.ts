/** The part of the auth host's answer that this front end shows. */
type Person = { nickname: string | null; email: string | null };

/** `setCookies`: what the auth host wants the browser to keep, for example a session that it just renewed. */
export type Session = { user: Person | null; setCookies: string[] };

/** Stands for the network. */
export type Ask = (request: Request) => Promise<Response>;

const DEADLINE_MILLISECONDS = 5_000;

/**
 * Asks the auth host who sent `cookie`, the `Cookie` header of the browser's request. `COOKIE_DOMAIN` lets the browser
 * send the session cookie to this host as well.
 *
 * @throws Error when the auth host does not answer with 200: an outage is not "signed out"
 */
export async function readSession(ask: Ask, authOrigin: string, cookie: string | undefined): Promise<Session> {
  const response = await ask(
    new Request(`${authOrigin}/session`, {
      headers: cookie === undefined ? {} : { Cookie: cookie },
      signal: AbortSignal.timeout(DEADLINE_MILLISECONDS),
    }),
  );
  if (!response.ok) {
    throw new Error(`${authOrigin}/session answered ${response.status}`);
  }
  const { user } = (await response.json()) as { user: Person | null };
  return { user, setCookies: response.headers.getSetCookie() };
}
