// src/resource/index.ts
import { createRemoteJWKSet, errors, jwtVerify } from "jose";
var createVerifier = ({ issuer, audience }) => {
  const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", issuer));
  return (token) => verify(token, { issuer, audience, keys });
};
var ABOUT_KEYS = /* @__PURE__ */ new Set(["ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID", "ERR_JOSE_GENERIC"]);
var verify = async (token, { issuer, audience, keys }) => {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: ["ES256"],
      typ: "at+jwt",
      requiredClaims: ["sub", "sid", "exp"]
    });
    const { sub: userId, sid: sessionId, exp = 0 } = payload;
    if (typeof userId !== "string" || typeof sessionId !== "string") return { kind: "invalid", code: "claims" };
    return { kind: "valid", accessToken: { userId, sessionId, expiresAt: new Date(exp * 1e3) } };
  } catch (error) {
    const isAboutToken = error instanceof errors.JOSEError && !ABOUT_KEYS.has(error.code);
    return isAboutToken ? { kind: "invalid", code: error.code } : { kind: "unavailable" };
  }
};
var requireAccessToken = (server) => {
  const verifyToken = createVerifier(server);
  return async (c, next) => {
    const token = /^bearer +(\S+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
    if (token === void 0) return c.json({ error: "invalid_request" }, 401, { "WWW-Authenticate": "Bearer" });
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
export {
  createVerifier,
  requireAccessToken
};
