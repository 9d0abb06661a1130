import { bookmarkCookieName } from "./cookie-names.ts";
import { cookieValues } from "./credential.ts";

/**
 * How D1 writes one. Strict, because `withSession` takes more than bookmarks: a cookie that says `first-unconstrained`
 * would untie the read from what the isolate knows to be revoked (CWE-20).
 */
const BOOKMARK = /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/;

/**
 * The moment of the database that a browser has seen, from its cookie. No credential: a hint from a stranger, which can
 * make the stranger's own check read a newer state and nothing else. One of another form counts as none, and so do two.
 */
export const readBookmark = (cookieDomain: string | null, cookieHeader: string | null): string | null => {
  const [value, ...others] = cookieValues(cookieHeader, bookmarkCookieName(cookieDomain));
  return value !== undefined && others.length === 0 && BOOKMARK.test(value) ? value : null;
};

/**
 * The later one of two bookmarks: they sort as texts, the oldest first.
 *
 * @see https://developers.cloudflare.com/d1/reference/glossary/
 */
export const laterOf = (one: string, other: string | null): string => (other !== null && other > one ? other : one);
