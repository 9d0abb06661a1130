import type { MiddlewareHandler } from "hono";
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";

/** Who sent a request, as its access token says. */
export type AccessToken = { userId: string; sessionId: string; expiresAt: Date };

export type ResourceServer = {
  /** The auth host's origin, as in `https://auth.example.com`. */
  issuer: string;
  /** What the token must be meant for: this API's own name among `TOKEN_AUDIENCES`, or a front end's origin. */
  audience: string;
};

export type Verification =
  | { kind: "valid"; accessToken: AccessToken }
  | { kind: "invalid"; code: string }
  /** The auth host's keys cannot be had: nothing is known about the token. */
  | { kind: "unavailable" };

/**
 * Verifies access tokens of `POST /session/token` without asking the auth host: RFC 9068 section 4, with keys that are
 * fetched once, then every ten minutes and when a new one appears.
 */
export const createVerifier = ({ issuer, audience }: ResourceServer) => {
  const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", issuer));
  return (token: string): Promise<Verification> => verify(token, { issuer, audience, keys });
};

/** jose's codes for keys that did not come, or not as a key set. They say nothing about a token. */
const ABOUT_KEYS = new Set(["ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID", "ERR_JOSE_GENERIC"]);

const verify = async (
  token: string,
  { issuer, audience, keys }: ResourceServer & { keys: JWTVerifyGetKey },
): Promise<Verification> => {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: ["ES256"],
      typ: "at+jwt",
      requiredClaims: ["sub", "sid", "exp"],
    });
    const { sub: userId, sid: sessionId, exp = 0 } = payload;
    if (typeof userId !== "string" || typeof sessionId !== "string") return { kind: "invalid", code: "claims" };
    return { kind: "valid", accessToken: { userId, sessionId, expiresAt: new Date(exp * 1000) } };
  } catch (error) {
    const isAboutToken = error instanceof errors.JOSEError && !ABOUT_KEYS.has(error.code);
    return isAboutToken ? { kind: "invalid", code: error.code } : { kind: "unavailable" };
  }
};

/**
 * Hono middleware for APIs: lets requests with a valid access token through, with `c.get("accessToken")` set. Others
 * get 401 as RFC 6750 section 3 has it, or 503 while the auth host's keys cannot be had.
 *
 * @example
 * ```ts
 * app.use("/api/*", requireAccessToken({ issuer: "https://auth.example.com", audience: "https://api.example.com" }));
 * ```
 */
export const requireAccessToken = (
  server: ResourceServer,
): MiddlewareHandler<{ Variables: { accessToken: AccessToken } }> => {
  const verifyToken = createVerifier(server);
  return async (c, next) => {
    const token = /^bearer +(\S+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
    if (token === undefined) return c.json({ error: "invalid_request" }, 401, { "WWW-Authenticate": "Bearer" });
    const verification = await verifyToken(token);
    switch (verification.kind) {
      case "valid":
        c.set("accessToken", verification.accessToken);
        return next();
      case "invalid":
        return c.json({ error: "invalid_token" }, 401, { "WWW-Authenticate": 'Bearer error="invalid_token"' });
      case "unavailable":
        return c.json({ error: "temporarily_unavailable" }, 503, { "Retry-After": "5" });
    }
  };
};
