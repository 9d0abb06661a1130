import type { AppContext } from "../context.ts";
import { withParameters } from "../frontends/return-parameters.ts";
import { setSessionCookie } from "../session/cookie.ts";
import { deriveCredentials, leaveSpentAttempt, type OpenedAttempt } from "./attempt.ts";
import { DESCRIPTIONS, type LoginEnd, type LoginError } from "./login-error.ts";

/** Leads the browser back to the front end that started the login: with a session, or with an error. */
export const finishLogin = async (c: AppContext, login: OpenedAttempt, end: LoginEnd): Promise<Response> => {
  const { attempt, sealed, stateHash } = login;
  const { authOrigin, cookieDomain } = c.get("config");
  const { redirectTo, state } = attempt;
  leaveSpentAttempt(c, stateHash, sealed);
  c.get("log").info("login_ended", { outcome: end.kind === "failed" ? end.error : "signed_in" });
  if (end.kind === "failed") return c.redirect(errorAddress(redirectTo, end.error, state), 302);
  const { sessionToken, handoffCode } = await deriveCredentials(attempt);
  setSessionCookie(c, { cookieDomain, partitioned: false }, sessionToken, {
    expiresAt: end.expiresAt,
    now: Date.now(),
    bookmark: end.bookmark,
  });
  const code = attempt.codeChallenge === null ? null : handoffCode;
  return c.redirect(returnAddress({ redirectTo, state, code, issuer: authOrigin }), 302);
};

/** Where a browser goes whose login failed. */
export const errorAddress = (redirectTo: string, error: LoginError, state: string | null): string =>
  withParameters(redirectTo, { error, error_description: DESCRIPTIONS[error], ...(state !== null && { state }) });

/** Where a browser with a session goes: the return target as it is, or with a code for its front end (RFC 9207: `iss`). */
export const returnAddress = (to: {
  redirectTo: string;
  state: string | null;
  code: string | null;
  issuer: string;
}): string =>
  to.code === null
    ? to.redirectTo
    : withParameters(to.redirectTo, { code: to.code, ...(to.state !== null && { state: to.state }), iss: to.issuer });
