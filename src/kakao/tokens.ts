import { callKakao, failed, type KakaoCall, parseObject } from "./request.ts";
import type { KakaoTokens } from "./types.ts";

export type CodeExchange = {
  authOrigin: string;
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  code: string;
  codeVerifier: string | undefined;
  signal: AbortSignal | undefined;
};

/**
 * Exchanges an authorization code (RFC 6749 section 4.1.3). Kakao wants the client secret in the body
 * (`client_secret_post`), the same `redirect_uri` as at the start, and a form.
 *
 * @see https://developers.kakao.com/docs/latest/ko/kakaologin/rest-api#request-token
 * @throws {KakaoRequestError}
 */
export const exchangeCode = async (
  exchange: CodeExchange,
): Promise<{ tokens: KakaoTokens; idToken: string | null }> => {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: exchange.clientId,
    client_secret: exchange.clientSecret,
    redirect_uri: exchange.redirectUri,
    code: exchange.code,
  });
  if (exchange.codeVerifier !== undefined) body.set("code_verifier", exchange.codeVerifier);

  const call: KakaoCall = {
    step: "token",
    url: `${exchange.authOrigin}/oauth/token`,
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded;charset=utf-8" },
    body,
    signal: exchange.signal,
  };
  const answer = parseObject(call, await callKakao(call));
  const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken } = answer;
  const { expires_in: expiresIn, refresh_token_expires_in: refreshTokenExpiresIn } = answer;
  if (
    !isText(accessToken) ||
    !isText(refreshToken) ||
    !isLifetime(expiresIn) ||
    !isLifetime(refreshTokenExpiresIn) ||
    !(idToken === undefined || isText(idToken))
  ) {
    throw failed(call, { status: 200, code: "unexpected_shape" });
  }
  return { tokens: { accessToken, expiresIn, refreshToken, refreshTokenExpiresIn }, idToken: idToken ?? null };
};

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const isLifetime = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value > 0;
