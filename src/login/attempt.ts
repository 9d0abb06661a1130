import type { Context } from "hono";
import { setCookie } from "hono/cookie";
import { randomText, sha256 } from "../lib/hash.ts";
import type { Keyring } from "../lib/keyring.ts";
import { open, seal } from "../lib/seal.ts";
import { cookieValues } from "../session/credential.ts";

/** One login under way in one browser. It lives in a sealed cookie of its own, so that tabs do not disturb each other. */
export type Attempt = {
  nonce: string;
  codeVerifier: string;
  /** From it a repeated callback derives the same session again, while D1 holds nothing but hashes. */
  seed: string;
  redirectTo: string;
  /** The front end's own state. */
  state: string | null;
  /** S256 challenge of a front end that wants a code to exchange; `null` when a cookie is all it needs. */
  codeChallenge: string | null;
  /** `prompt=none`: nobody is looking, so that every answer has to go to the front end. */
  silent: boolean;
  startedAt: number;
};

/** An attempt whose cookie this browser showed, with the names it has in D1 and in the cookie. */
export type OpenedAttempt = { attempt: Attempt; sealed: string; stateHash: string };

/** What a login attempt makes when it succeeds. All of it follows from the seed, which never leaves the sealed cookie. */
export type Credentials = { sessionToken: string; loginId: string; handoffCode: string };

/** How long a person may take at Kakao. */
export const ATTEMPT_MILLISECONDS = 10 * 60 * 1000;

/** Kept longer than the attempt lives: somebody who comes back late is led to the front end, not left on a page. */
const COOKIE_SECONDS = 60 * 60;

/** After its use: long enough for a callback that the browser fires twice, or a step back. */
const SPENT_COOKIE_SECONDS = 60;

/** More tabs than this at once are strays. */
const MAXIMUM_ATTEMPTS = 5;

const PREFIX = "__Host-login-";

export const newAttempt = (
  asked: Pick<Attempt, "redirectTo" | "state" | "codeChallenge" | "silent">,
  now: number,
): Attempt => ({
  nonce: randomText(),
  codeVerifier: randomText(),
  seed: randomText(),
  ...asked,
  startedAt: now,
});

export const deriveCredentials = async ({ seed }: Attempt): Promise<Credentials> => ({
  sessionToken: await sha256(`session:${seed}`),
  loginId: (await sha256(`login:${seed}`)).slice(0, 22),
  handoffCode: await sha256(`handoff:${seed}`),
});

/** Seals an attempt into its cookie, bound to its state, and evicts the oldest attempts above five. */
export const keepAttempt = async (c: Context, keyring: Keyring, state: string, attempt: Attempt): Promise<void> => {
  // Browsers send older cookies first (RFC 6265 section 5.4), so the strays are at the front.
  const names = (c.req.header("Cookie") ?? "").split(";").map((pair) => pair.split("=")[0]?.trim() ?? "");
  const others = [...new Set(names.filter((name) => /^__Host-login-[\w-]{1,43}$/.test(name)))];
  for (const name of others.slice(0, Math.max(0, others.length - MAXIMUM_ATTEMPTS + 1)))
    setAttemptCookie(c, name, "", 0);
  const stateHash = await sha256(state);
  const sealed = await seal(keyring, "login-attempt", stateHash, write(attempt));
  setAttemptCookie(c, cookieName(stateHash), sealed, COOKIE_SECONDS);
};

/** The attempt that this browser started with this state, or `null`. A sealed text of another state does not open. */
export const openAttempt = async (
  keyring: Keyring,
  cookieHeader: string | null,
  stateHash: string,
): Promise<OpenedAttempt | null> => {
  for (const sealed of cookieValues(cookieHeader, cookieName(stateHash))) {
    const text = await open(keyring, "login-attempt", stateHash, sealed);
    if (text !== null) return { attempt: read(text), sealed, stateHash };
  }
  return null;
};

/** Leaves a spent attempt for a short while, for the second of two callbacks. */
export const leaveSpentAttempt = (c: Context, stateHash: string, sealed: string): void =>
  setAttemptCookie(c, cookieName(stateHash), sealed, SPENT_COOKIE_SECONDS);

/**
 * One line a field. JSON would double every quote of a front end's state, and the longest attempt would no longer fit
 * into the 4,096 bytes that browsers keep; none of the fields can hold a line break.
 */
const write = (attempt: Attempt): string =>
  [
    attempt.nonce,
    attempt.codeVerifier,
    attempt.seed,
    attempt.startedAt,
    attempt.silent ? "silent" : "",
    attempt.codeChallenge ?? "",
    attempt.state ?? "",
    attempt.redirectTo,
  ].join("\n");

/** Reads what {@link write} wrote; nothing else opens. */
const read = (text: string): Attempt => {
  const [nonce = "", codeVerifier = "", seed = "", startedAt, silent, codeChallenge, state, redirectTo = ""] =
    text.split("\n");
  return {
    nonce,
    codeVerifier,
    seed,
    startedAt: Number(startedAt),
    silent: silent === "silent",
    codeChallenge: codeChallenge || null,
    state: state || null,
    redirectTo,
  };
};

const cookieName = (stateHash: string): string => PREFIX + stateHash.slice(0, 16);

const setAttemptCookie = (c: Context, name: string, value: string, maxAge: number): void =>
  setCookie(c, name, value, { path: "/", httpOnly: true, secure: true, sameSite: "Lax", maxAge });
