import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

export const CLIENT_ID = "the-rest-api-key";
export const NONCE = "the-nonce-that-was-sent";

/** Kakao's key pair of one test, under one key id. */
export const newKey = async (kid: string, alg = "RS256") => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
};

export type Key = Awaited<ReturnType<typeof newKey>>;

/** Claims of a good id_token of this moment; a test changes what it is about. */
export const goodClaims = (issuer: string): JWTPayload => {
  const iat = Math.floor(Date.now() / 1000);
  return { iss: issuer, aud: CLIENT_ID, sub: "2604117385", iat, exp: iat + 21_600, auth_time: iat, nonce: NONCE };
};

/** Signs claims as Kakao does; `undefined` leaves a claim or a header member out. */
export const sign = (key: Key, claims: JWTPayload, header: Record<string, unknown> = {}): Promise<string> =>
  new SignJWT(withoutUndefined(claims))
    .setProtectedHeader({ alg: key.alg, ...withoutUndefined({ kid: key.kid, typ: "JWT", ...header }) })
    .sign(key.privateKey);

const withoutUndefined = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
