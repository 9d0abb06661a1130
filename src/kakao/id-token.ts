import { type JWTPayload, errors as joseErrors, jwtVerify } from "jose";
import { keySetFor } from "./jwks.ts";
import { failed } from "./request.ts";

/** Claims of Kakao's id_token; times in seconds since 1970. `email` is there only when valid and verified. */
export type KakaoIdTokenClaims = JWTPayload & {
  iss: string;
  aud: string;
  sub: string;
  iat: number;
  exp: number;
  auth_time?: number;
  nonce?: string;
  nickname?: string;
  picture?: string;
  email?: string;
};

export type IdTokenExpectation = {
  issuer: string;
  audience: string;
  /** `undefined` when the request sent none. */
  nonce: string | undefined;
  signal: AbortSignal | undefined;
};

/**
 * Verifies an id_token as OpenID Connect Core section 3.1.3.7 asks: RS256 under Kakao's keys, `iss`, `aud`, `exp`,
 * and the nonce that was sent. That `sub` is the user of `/v2/user/me` is for the caller to hold against it.
 *
 * @throws {KakaoRequestError} step `id_token` for a bad token, `jwks` when the keys cannot be had
 */
export const verifyIdToken = async (idToken: string, expected: IdTokenExpectation): Promise<KakaoIdTokenClaims> => {
  const keySet = await keySetFor(expected.issuer, keyIdOf(idToken), expected.signal);
  const payload = await verified(idToken, keySet, expected);
  if (!isKakaoClaims(payload)) throw invalid(expected.issuer, "claims");
  if (expected.nonce !== undefined && payload.nonce !== expected.nonce) throw invalid(expected.issuer, "nonce");
  return payload;
};

export const invalid = (issuer: string, what: string) =>
  failed({ step: "id_token", url: `${issuer}/oauth/token`, method: "POST" }, { status: 200, code: `id_token_${what}` });

const verified = async (idToken: string, keySet: Parameters<typeof jwtVerify>[1], expected: IdTokenExpectation) => {
  try {
    const { payload } = await jwtVerify(idToken, keySet, {
      algorithms: ["RS256"],
      issuer: expected.issuer,
      audience: expected.audience,
      requiredClaims: ["sub", "iat", "exp"],
    });
    return payload;
  } catch (error) {
    // jose's messages quote claims; its codes do not.
    const what = error instanceof joseErrors.JWTClaimValidationFailed ? error.claim : codeOf(error);
    throw invalid(expected.issuer, what);
  }
};

const codeOf = (error: unknown): string =>
  error instanceof joseErrors.JOSEError ? error.code.toLowerCase() : "unreadable";

/** An `aud` list is refused: Kakao sends one audience, and another party's name beside ours would be news. */
const isKakaoClaims = (payload: JWTPayload): payload is KakaoIdTokenClaims =>
  typeof payload.sub === "string" && typeof payload.aud === "string" && typeof payload.iat === "number";

/** Only picks the key; what the header says is believed once the signature holds. */
const keyIdOf = (idToken: string): string | null => {
  try {
    const header = idToken.split(".")[0] ?? "";
    const { kid } = JSON.parse(atob(header.replaceAll("-", "+").replaceAll("_", "/")));
    return typeof kid === "string" ? kid : null;
  } catch {
    return null;
  }
};
