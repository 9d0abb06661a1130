import { providerUserAuth } from "@lucia-auth/oauth";
import type { Auth } from "lucia";
import { invalid, verifyIdToken } from "./id-token.ts";
import { codeChallenge, randomText } from "./pkce.ts";
import { exchangeCode } from "./tokens.ts";
import type { AuthorizationOptions, CallbackOptions, KakaoConfig, KakaoProvider, KakaoUserAuth } from "./types.ts";
import { fetchUser } from "./user.ts";

const PROVIDER_ID = "kakao";

/**
 * The Kakao OAuth provider of the Lucia v2 docs. The client secret stays in this closure: the provider has no
 * property that a log line could show.
 *
 * @see https://developers.kakao.com/docs/latest/ko/kakaologin/rest-api
 *
 * @example
 * ```ts
 * const kakaoAuth = kakao(auth, { clientId, clientSecret, redirectUri });
 * const [url, state] = await kakaoAuth.getAuthorizationUrl();
 * const kakaoUserAuth = await kakaoAuth.validateCallback(code);
 * ```
 */
export const kakao = <_Auth extends Auth = Auth>(auth: _Auth, config: KakaoConfig): KakaoProvider<_Auth> => {
  const authOrigin = config.authOrigin ?? "https://kauth.kakao.com";
  const apiOrigin = config.apiOrigin ?? "https://kapi.kakao.com";

  const getAuthorizationUrl = async (options: AuthorizationOptions = {}) => {
    const state = options.state ?? randomText();
    const url = new URL("/oauth/authorize", authOrigin);
    const parameters = {
      response_type: "code",
      client_id: config.clientId,
      redirect_uri: config.redirectUri,
      state,
      // Kakao documents the comma; without a scope it asks for what the console says and can never give KOE205.
      scope: (options.scope ?? config.scope)?.join(","),
      nonce: options.nonce,
      code_challenge: options.codeVerifier && (await codeChallenge(options.codeVerifier)),
      code_challenge_method: options.codeVerifier && "S256",
      prompt: options.prompt?.join(","),
      login_hint: options.loginHint,
      service_terms: options.serviceTerms?.join(","),
    };
    for (const [name, value] of Object.entries(parameters)) if (value) url.searchParams.set(name, value);
    return [url, state] as const;
  };

  const validateCallback = async (code: string, options: CallbackOptions = {}): Promise<KakaoUserAuth<_Auth>> => {
    const { codeVerifier, nonce, signal } = options;
    const { clientId, clientSecret, redirectUri } = config;
    const { tokens, idToken } = await exchangeCode({
      authOrigin,
      clientId,
      clientSecret,
      redirectUri,
      code,
      codeVerifier,
      signal,
    });
    const [{ user, userId }, claims] = await Promise.all([
      fetchUser(apiOrigin, tokens.accessToken, signal),
      idToken === null ? null : verifyIdToken(idToken, { issuer: authOrigin, audience: clientId, nonce, signal }),
    ]);
    if (claims !== null && claims.sub !== userId) throw invalid(authOrigin, "sub");
    return Object.assign(providerUserAuth(auth, PROVIDER_ID, userId), {
      kakaoUser: user,
      kakaoTokens: tokens,
      kakaoUserId: userId,
      kakaoIdToken: claims,
    });
  };

  return { getAuthorizationUrl, validateCallback };
};
