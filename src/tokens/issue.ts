import { SignJWT } from "jose";
import type { AppContext } from "../context.ts";
import { isFrontendOrigin } from "../frontends/origins.ts";
import { refuse } from "../pages/respond.ts";
import { checkStrictly } from "../session/check/request.ts";
import { currentKey, type SigningKey } from "./signing-keys.ts";

/** A resource server never asks back, so this is how long a revoked session's last token is good. */
const TOKEN_SECONDS = 5 * 60;

/**
 * `POST /session/token`: a JWT access token (RFC 9068) that a resource server verifies without asking us. The session
 * is read from D1 each time.
 */
export const issueToken = async (c: AppContext): Promise<Response> => {
  const { authOrigin, keyring } = c.get("config");
  const audience = await readAudience(c);
  if ("problem" in audience) return refuse(c, { kind: "invalid_request", problem: audience.problem });
  if (!mayIssueFor(c, audience.audience)) return refuse(c, { kind: "invalid_target" });

  const result = await checkStrictly(c);
  if (result.kind === "unavailable") return refuse(c, result);
  if (result.kind === "signed_out") return refuse(c, { kind: "unauthenticated" });
  const { user, session } = result.signedIn;
  const now = Date.now();
  let signing: SigningKey;
  try {
    signing = await currentKey(c.env.DB, keyring, now);
  } catch (cause) {
    return refuse(c, { kind: "unavailable", cause });
  }
  const issuedAt = Math.floor(now / 1000);
  const expiresAt = Math.min(issuedAt + TOKEN_SECONDS, Math.floor(session.expiresAt / 1000));
  const token = await new SignJWT({ sid: session.id })
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: signing.id })
    .setIssuer(authOrigin)
    .setSubject(user.id)
    .setAudience(audience.audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(signing.key);
  return c.json({ access_token: token, token_type: "Bearer", expires_in: expiresAt - issuedAt });
};

const mayIssueFor = (c: AppContext, audience: string): boolean => {
  const config = c.get("config");
  return isFrontendOrigin(config, audience) || config.tokenAudiences.includes(audience);
};

const readAudience = async (c: AppContext): Promise<{ audience: string } | { problem: string }> => {
  let body: unknown = null;
  try {
    const text = await c.req.text();
    body = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    // Falls through: null is no object.
  }
  if (typeof body !== "object" || body === null || Array.isArray(body))
    return { problem: "The body is no JSON object." };
  const { audience = c.req.header("Origin") }: Record<string, unknown> = { ...body };
  if (typeof audience !== "string")
    return { problem: "audience is missing, and there is no Origin to take its place." };
  return { audience };
};
