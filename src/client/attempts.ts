import type { Location } from "./browser.ts";
import { authError } from "./request.ts";
import { readStored, writeStored } from "./stored.ts";
import type { LoginOptions } from "./types.ts";

declare const location: Location;

/**
 * One login under way in this tab. Its state is the challenge: as random, no secret, and good for one verifier alone.
 * A silent one was started by `session()`, and nobody waits for its outcome.
 */
export type Attempt = [state: string, codeVerifier: string, silent?: boolean | null];

/** As many as the auth host keeps for one browser; older ones are strays of logins that were given up. */
const MAXIMUM_ATTEMPTS = 5;

export const readAttempts = (name: string): Attempt[] => (readStored("sessionStorage", name) ?? []) as Attempt[];

export const writeAttempts = (name: string, attempts: Attempt[]): boolean =>
  writeStored("sessionStorage", name, attempts.slice(-MAXIMUM_ATTEMPTS));

const BASE64URL: Record<string, string> = { "+": "-", "/": "_" };

/**
 * Keeps a new attempt and gives the address that starts it at the auth host.
 *
 * The verifier is three random UUIDs: 108 characters and 366 bits of the 43 to 128 characters that RFC 7636 section 4.1
 * wants, in its alphabet without any encoding.
 */
export const startAttempt = async (
  origin: string,
  name: string,
  { returnTo = location.href, prompt, scope }: LoginOptions,
  silent: boolean | undefined,
): Promise<string> => {
  const target = new URL(returnTo, location.href);
  if (target.origin !== location.origin) {
    throw authError("origin_refused", target.origin);
  }
  const codeVerifier = crypto.randomUUID() + crypto.randomUUID() + crypto.randomUUID();
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(codeVerifier));
  const codeChallenge = btoa(String.fromCharCode(...new Uint8Array(digest))).replace(
    /\W/g,
    (character) => BASE64URL[character] ?? "",
  );
  if (!writeAttempts(name, [...readAttempts(name), [codeChallenge, codeVerifier, silent]])) {
    throw authError("storage_blocked");
  }
  return `${origin}/login/kakao?${new URLSearchParams({
    redirect_to: target.href,
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    state: codeChallenge,
    ...(prompt && { prompt }),
    // Kakao would sign somebody in again who logged out of the auth host in another tab.
    ...(silent && { prompt: "none", session_only: "true" }),
    ...(scope && { scope: `${scope}` }),
  })}`;
};
