import type { AppContext } from "../context.ts";
import { type CheckResult, checkSession } from "./check.ts";
import { cookiePlace, setSessionCookie } from "./cookie.ts";
import { readCredential, readCredentials } from "./credential.ts";

/** Checks the request's session; a HEAD has no effect, so that one renews nothing. */
export const checkRequest = async (c: AppContext): Promise<CheckResult> => {
  const config = c.get("config");
  const credential = credentialOf(c);
  const renew = c.req.method !== "HEAD";
  const result = await checkSession(c.env.DB, config.session, credential?.token ?? null, { renew });
  if (result.kind === "signed_in" && result.renewed && credential?.transport === "cookie") {
    const { expiresAt } = result.signedIn.session;
    setSessionCookie(c, cookiePlace(c), credential.token, { expiresAt, now: Date.now() });
  }
  return result;
};

/** Every session token that the request carries, for a logout. */
export const everyCredentialOf = (c: AppContext) =>
  readCredentials(c.get("config").cookieDomain, c.req.header("Authorization") ?? null, c.req.header("Cookie") ?? null);

export const credentialOf = (c: AppContext) =>
  readCredential(c.get("config").cookieDomain, c.req.header("Authorization") ?? null, c.req.header("Cookie") ?? null);
