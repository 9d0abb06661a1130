/**
 * The name of the session cookie. The prefixes make the browser itself refuse a cookie of that name that came without
 * TLS (`__Secure-`), or from another host (`__Host-`): RFC 6265bis section 4.1.3.
 */
export const sessionCookieName = (cookieDomain: string | null): string =>
  cookieDomain === null ? "__Host-session" : "__Secure-session";

/** The name of the cookie beside it, which holds the session's proof. */
export const proofCookieName = (cookieDomain: string | null): string =>
  cookieDomain === null ? "__Host-proof" : "__Secure-proof";

/** The name of the cookie that says which moment of the database this browser has seen. */
export const bookmarkCookieName = (cookieDomain: string | null): string =>
  cookieDomain === null ? "__Host-bookmark" : "__Secure-bookmark";
