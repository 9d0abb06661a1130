import { readAttempts, type Silent } from "./attempts.ts";
import type { History, Location } from "./browser.ts";
import { authError } from "./request.ts";
import { stored } from "./stored.ts";
import type { AuthError } from "./types.ts";

declare const location: Location;
declare const history: History;

/** A code to exchange, with the verifier that this tab made for it. */
type Grant = { code: string; code_verifier: string };

/**
 * How this page was come to.
 * - `failure`: why the login failed that this page came back from
 * - `mayLeave`: a silent login from here could neither go round in circles nor lose another provider's code
 * - `silent`: the silent login that it came back from; the logout that this was started for is still to be done
 */
export type Arrival = [
  grant: Grant | "" | null | undefined,
  failure: AuthError | null,
  mayLeave: boolean,
  silent: Silent | null | undefined,
];

const OURS: (string | undefined)[] = ["code", "error", "state", "iss", "error_description"];

/**
 * Reads the auth host's answer off the address bar and cleans it. What another OAuth provider left there stays.
 *
 * A code counts only with our `iss` (RFC 9207) and a state that this tab made: any other was made for somebody else,
 * and finishing it would sign this person in as that one (CWE-352). With our `iss` alone it is cleaned and forgotten.
 */
export const readArrival = (origin: string): Arrival => {
  const url = new URL(location);
  const [code, error, state, issuer, description] = OURS.map((key) => url.searchParams.get(key as string));
  const attempts = readAttempts(origin);
  const attempt = attempts.find(([challenge]) => challenge === state);
  const ours = issuer ? issuer === origin : error && attempt;
  const [, codeVerifier, silent] = (ours && attempt) || [];

  if (ours) {
    // By hand: `searchParams` would write the page's own parameters anew, and not one byte of those is ours.
    url.search = url.search
      .slice(1)
      .split("&")
      .filter((pair) => !OURS.includes(pair.split("=")[0]))
      .join("&");
    history.replaceState(history.state, "", url);
  }
  // A silent attempt that did not come back here lost its parameters on the way, and would lose them again.
  if (attempts[0]) {
    stored(
      "sessionStorage",
      origin,
      attempts.filter(([, verifier, wasSilent]) => !wasSilent && verifier !== codeVerifier),
    );
  }

  // `login_required` and its like: a person is needed, nothing is broken (OpenID Connect Core section 3.1.2.6).
  const nobody = silent && error?.endsWith("_required");
  if (nobody) stored("localStorage", origin, null);
  return [
    code && codeVerifier && { code, code_verifier: codeVerifier },
    error && codeVerifier && !nobody ? authError(error, description) : null,
    !(code || error || attempts.some(([, , wasSilent]) => wasSilent)),
    silent,
  ];
};
