import { bookmarkCookieName } from "./cookie-names.ts";
import { cookieValues } from "./credential.ts";

/** How D1 writes one. What a cookie says otherwise is compared with nothing (CWE-20). */
const BOOKMARK = /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/;

/**
 * The moment of the database that a browser has seen, from its cookie. No credential: a hint from a stranger, which can
 * send the stranger's own check to the primary and do nothing else. One of another form counts as none, and so do two.
 */
export const readBookmark = (cookieDomain: string | null, cookieHeader: string | null): string | null => {
  const [value, ...others] = cookieValues(cookieHeader, bookmarkCookieName(cookieDomain));
  return value !== undefined && others.length === 0 && BOOKMARK.test(value) ? value : null;
};

/**
 * Whether a bookmark is of a later moment than another: they sort as texts, the oldest first.
 *
 * @see https://developers.cloudflare.com/d1/reference/glossary/
 */
export const isLater = (bookmark: string | null, than: string): boolean => bookmark !== null && bookmark > than;
