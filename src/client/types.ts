/** Who is signed in; what Kakao did not give is `null`. Dates are ISO 8601 in UTC. */
export type AuthUser = {
  id: string;
  /** Kakao's user number, as text: it can be too long for a JavaScript number. */
  kakaoId: string | null;
  nickname: string | null;
  picture: string | null;
  email: string | null;
  emailVerified: boolean;
  createdAt: string;
};

/** The login that the session belongs to. `id` is public and useless as a credential. */
export type AuthSession = { id: string; createdAt: string; expiresAt: string };

export type SessionState = { user: AuthUser; session: AuthSession } | { user: null; session: null };

/**
 * What went wrong, by a `code` that is stable; the message is for developers.
 *
 * - `network`: the auth host was not reached within 10 seconds, or it does not list this page's origin
 *   (from `logout`, too: it needed a session to end and could not come by one)
 * - `temporarily_unavailable`, `rate_limited`, …: as the auth host says
 * - `storage_blocked`: a login needs sessionStorage, and this browser refuses it
 * - `origin_refused`: `login` was asked to return to another origin than this page's, which alone can finish the login,
 *   or `fetch` to go where the session must not; the message names that origin
 * - `access_denied`, `login_expired`, `kakao_unavailable`, …: how a login ended, in `client.error`
 * - `invalid_grant`: a login came back too late to be finished, or the answer that finished it was lost, in
 *   `client.error`; the next load signs on silently
 */
export type AuthError = Error & {
  code: string;
  /** The HTTP status of the answer; 0 when there was none. */
  status: number;
};

/** @public */
export type AuthClientOptions = {
  /** The auth host, for example `https://auth.example.com`. */
  origin: string;
  /** Further origins that `fetch` may send the session to; the auth host and this page's own need no entry. */
  audience?: readonly string[];
};

export type LoginOptions = {
  /** Where to come back to, on this page's origin. Default: this page. */
  returnTo?: string;
  /** `login` asks for the password again, `select_account` for the account; `none` never shows a page. */
  prompt?: "login" | "select_account" | "create" | "none";
  /** Further Kakao consent items to ask for. */
  scope?: string | readonly string[];
};

export type AuthClient = {
  /**
   * Leaves this page for the login. Resolves only if the browser is still here after 10 seconds, because somebody
   * stopped it. Rejects with `storage_blocked` or `origin_refused`.
   */
  login(options?: LoginOptions): Promise<void>;
  /**
   * Asks the auth host who is signed in, and first finishes a login that this page came back from. Calls at the same
   * time share one answer. An outage rejects (`network`, `temporarily_unavailable`, …) and never means "signed out".
   *
   * Where the browser keeps no cookie for the auth host, or a login was left unfinished, the first call after a reload
   * may leave this page once and come straight back signed in; call it before the person has anything on the page to
   * lose.
   */
  session(): Promise<SessionState>;
  /**
   * Ends this login here and at the auth host, or with `everywhere` all of this person's. Rejects if it did not.
   *
   * Where the browser keeps no cookie for the auth host, or a login was left unfinished, a call before `session()` has
   * settled may leave this page once and come straight back signed out. One that rejected is carried out by nothing
   * later.
   */
  logout(options?: { everywhere?: boolean }): Promise<void>;
  /**
   * Calls `listener` after a login, after a logout, and when the auth host names another user than before, in whatever
   * tab of this origin that happened. Returns the function that ends it.
   */
  onChange(listener: (state: SessionState) => void): () => void;
  /**
   * `fetch` with the session: cookies included and, where the browser keeps no cookie for the auth host, the session
   * as a bearer token. Goes to the auth host, to this page's own origin and to those in `audience`; any other address
   * rejects with `origin_refused` in every browser, so that a leak cannot hide until the first Safari.
   */
  fetch: typeof globalThis.fetch;
  /** Why the login that this page came back from failed, or `null`. Complete once `session()` has settled. */
  readonly error: AuthError | null;
  /** How the session travels: a cookie that no script can read, or a token in this page's memory. */
  readonly transport: "cookie" | "bearer" | null;
};

export type CreateAuthClient = (options: AuthClientOptions) => AuthClient;
