import type { Context } from "hono";
import { setCookie } from "hono/cookie";
import type { CookieOptions } from "hono/utils/cookie";
import type { AppContext } from "../context.ts";
import { bookmarkCookieName, proofCookieName, sessionCookieName } from "./cookie-names.ts";
import { cookieValues } from "./credential.ts";

/** Where a browser keeps the session cookie: for the auth host (or its siblings), or for one site that embeds us. */
export type CookiePlace = {
  /** `null`: the cookie belongs to the auth host alone. */
  readonly cookieDomain: string | null;
  /** The asking page is on another site: the cookie goes into that site's own partition, or nowhere. */
  readonly partitioned: boolean;
};

/**
 * A replica is asked only where the feed was read within the lag, and the lag is five minutes at the very most: the
 * feed's own bookmark is later than any browser's that is older than that.
 */
const BOOKMARK_SECONDS = 5 * 60;

/**
 * The place of the cookie that belongs to this request. A fetch from a page on another site can only mean the one in
 * that page's partition: the other one is `SameSite=Lax` and stays at home.
 *
 * @see https://developer.mozilla.org/docs/Web/Privacy/Guides/Privacy_sandbox/Partitioned_cookies
 */
export const cookiePlace = (c: AppContext): CookiePlace => ({
  cookieDomain: c.get("config").cookieDomain,
  partitioned: c.req.header("Sec-Fetch-Site") === "cross-site" && c.req.header("Sec-Fetch-Mode") !== "navigate",
});

/**
 * Sets the session cookie until `expiresAt`, in milliseconds since 1970, and beside it the bookmark of the write that
 * made or renewed the session, where there is one.
 */
export const setSessionCookie = (
  c: Context,
  place: CookiePlace,
  token: string,
  { expiresAt, now, bookmark }: { expiresAt: number; now: number; bookmark: string | null },
): void => {
  const maxAge = Math.max(0, Math.floor((expiresAt - now) / 1000));
  setCookie(c, sessionCookieName(place.cookieDomain), token, { ...attributes(place), maxAge });
  if (bookmark !== null) setBookmarkCookie(c, place, bookmark);
};

/** Clears the session cookie, and what came with it, with the attributes it was set with: otherwise a browser keeps it. */
export const clearSessionCookie = (c: Context, place: CookiePlace): void => {
  setCookie(c, sessionCookieName(place.cookieDomain), "", { ...attributes(place), maxAge: 0 });
  for (const name of [proofCookieName(place.cookieDomain), bookmarkCookieName(place.cookieDomain)]) {
    if (hasCookie(c, name)) setCookie(c, name, "", { ...attributes(place), maxAge: 0 });
  }
};

/** Hands out a proof, for as many seconds as it can be of use. */
export const setProofCookie = (c: Context, place: CookiePlace, proof: string, maxAge: number): void => {
  setCookie(c, proofCookieName(place.cookieDomain), proof, { ...attributes(place), maxAge });
};

/** Tells the browser which moment of the database it has seen. */
export const setBookmarkCookie = (c: Context, place: CookiePlace, bookmark: string): void => {
  setCookie(c, bookmarkCookieName(place.cookieDomain), bookmark, { ...attributes(place), maxAge: BOOKMARK_SECONDS });
};

const hasCookie = (c: Context, name: string): boolean => cookieValues(c.req.header("Cookie") ?? null, name).length > 0;

const attributes = ({ cookieDomain, partitioned }: CookiePlace): CookieOptions => ({
  path: "/",
  httpOnly: true,
  secure: true,
  sameSite: partitioned ? "None" : "Lax",
  ...(partitioned ? { partitioned } : cookieDomain !== null && { domain: cookieDomain }),
});
