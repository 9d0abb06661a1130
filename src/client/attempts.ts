import type { Location } from "./browser.ts";
import { authError } from "./request.ts";
import { stored } from "./stored.ts";
import type { AuthClient, LoginOptions } from "./types.ts";

declare const location: Location;

/**
 * One login under way in this tab. Its state is the challenge: as random, no secret, and good for one verifier alone.
 * Of a silent one nobody sees anything, and nobody waits for its outcome.
 */
export type Attempt = [state: string, codeVerifier: string, silent?: Silent | null];

type LogoutOptions = NonNullable<Parameters<AuthClient["logout"]>[0]>;

/**
 * Started by `session()`, or by a `logout()` that has to come back with a session before it can end one: that of the
 * person by this id, where it is known.
 */
export type Silent = [ending?: LogoutOptions | undefined, person?: string | null | undefined];

export const readAttempts = (origin: string): Attempt[] => (stored("sessionStorage", origin) ?? []) as Attempt[];

/**
 * Keeps a new attempt and gives the address that starts it at the auth host.
 *
 * The verifier is three random UUIDs: 108 characters and 366 bits of the 43 to 128 characters that RFC 7636 section 4.1
 * wants, in its alphabet without any encoding.
 */
export const startAttempt = async (
  origin: string,
  { returnTo = location as unknown as string, prompt, scope }: LoginOptions = {},
  silent: Silent | undefined,
): Promise<string> => {
  const target = new URL(returnTo, location);
  if (target.origin !== location.origin) {
    throw authError("origin_refused", target.origin);
  }
  const codeVerifier = crypto.randomUUID() + crypto.randomUUID() + crypto.randomUUID();
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(codeVerifier));
  const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)));
  const codeChallenge = base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  // As many as the auth host keeps for one browser; older ones are strays of logins that were given up.
  const maximum = 5;
  if (
    !stored("sessionStorage", origin, [...readAttempts(origin), [codeChallenge, codeVerifier, silent]].slice(-maximum))
  ) {
    throw authError("storage_blocked");
  }
  return `${origin}/login/kakao?${new URLSearchParams({
    // Whatever is no text becomes text here as it does everywhere: a list with commas, which the auth host takes.
    redirect_to: target as unknown as string,
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    state: codeChallenge,
    ...(prompt && { prompt }),
    // Kakao would sign somebody in again who logged out of the auth host in another tab.
    ...(silent && { prompt: "none", session_only: true as unknown as string }),
    ...(scope && { scope: scope as string }),
  })}`;
};
