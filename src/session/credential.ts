import { proofCookieName, sessionCookieName } from "./cookie-names.ts";

/** A session token as a request carried it. With a bearer and a cookie, the bearer decides. */
export type Credential = { readonly transport: "bearer" | "cookie"; readonly token: string };

/**
 * Takes the session token out of a request's headers, or `null`.
 *
 * An `Authorization` header of the Bearer scheme decides even when its token is no good: whoever sends one means it
 * (RFC 6750 section 2.1; the scheme's name has no case, RFC 9110 section 11.1). A cookie that came twice with
 * different values was planted by somebody (CWE-384), and neither is believed.
 */
export const readCredential = (
  cookieDomain: string | null,
  authorization: string | null,
  cookieHeader: string | null,
): Credential | null => {
  const token = bearerToken(authorization);
  if (token !== null) return { transport: "bearer", token };
  const [value, ...others] = distinctCookies(cookieDomain, cookieHeader);
  return value !== undefined && value !== "" && others.length === 0 ? { transport: "cookie", token: value } : null;
};

/**
 * Every session token of a request, for a logout: where a planted cookie stands beside the real one, ending both is
 * the only answer that keeps the promise (CWE-613).
 */
export const readCredentials = (
  cookieDomain: string | null,
  authorization: string | null,
  cookieHeader: string | null,
): { transport: Credential["transport"]; tokens: readonly string[] } => {
  const token = bearerToken(authorization);
  if (token !== null) return { transport: "bearer", tokens: [token].filter(isSessionToken) };
  return { transport: "cookie", tokens: distinctCookies(cookieDomain, cookieHeader).filter(isSessionToken) };
};

/** The proof beside a session cookie, or `null`. Of two, one was planted, and neither is believed. */
export const readProof = (
  cookieDomain: string | null,
  { transport }: Credential,
  cookieHeader: string | null,
): string | null => {
  if (transport === "bearer") return null;
  const [proof = null, ...others] = cookieValues(cookieHeader, proofCookieName(cookieDomain));
  return others.length === 0 ? proof : null;
};

/** What a request says of its session: read once, whoever asks for it. */
export type Asked = { readonly credential: Credential; readonly proof: string | null };

/** `null`: it says nothing. */
export const readAsked = (cookieDomain: string | null, headers: Headers): Asked | null => {
  const cookieHeader = headers.get("Cookie");
  const credential = readCredential(cookieDomain, headers.get("Authorization"), cookieHeader);
  return credential && { credential, proof: readProof(cookieDomain, credential, cookieHeader) };
};

/** Session tokens are 32 bytes of base64url; anything else cannot be one and costs no round trip. */
export const isSessionToken = (text: string): boolean => /^[\w-]{43}$/.test(text);

const distinctCookies = (cookieDomain: string | null, cookieHeader: string | null): string[] => [
  ...new Set(cookieValues(cookieHeader, sessionCookieName(cookieDomain))),
];

/** What follows the Bearer scheme, `null` for any other scheme or none. */
const bearerToken = (authorization: string | null): string | null => {
  const header = (authorization ?? "").trim();
  // Cut at the first white space: one expression for the whole header would take quadratic time (CWE-1333).
  const end = header.search(/\s/);
  const scheme = end < 0 ? header : header.slice(0, end);
  if (scheme.toLowerCase() !== "bearer") return null;
  return end < 0 ? "" : header.slice(end).trim();
};

/** Every value of one cookie, in the order sent; a parser that keeps one of them would hide that there are two. */
export const cookieValues = (cookieHeader: string | null, name: string): string[] => {
  const header = cookieHeader ?? "";
  const values: string[] = [];
  for (let start = 0; start < header.length; ) {
    const semicolon = header.indexOf(";", start);
    const end = semicolon < 0 ? header.length : semicolon;
    const pair = header.slice(start, end);
    const equals = pair.indexOf("=");
    if (equals > 0 && pair.slice(0, equals).trim() === name) values.push(pair.slice(equals + 1).trim());
    start = end + 1;
  }
  return values;
};
