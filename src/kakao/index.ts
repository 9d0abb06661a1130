export { type KakaoFailure, type KakaoRemedy, KakaoRequestError, remedyFor } from "./errors.ts";
export { codeChallenge } from "./pkce.ts";
export { type Profile, profileOf } from "./profile.ts";
export { kakao } from "./provider.ts";
export type {
  AgeRange,
  AuthorizationOptions,
  CallbackOptions,
  KakaoAccount,
  KakaoAuth,
  KakaoConfig,
  KakaoPartner,
  KakaoProfile,
  KakaoProvider,
  KakaoTokens,
  KakaoUser,
  KakaoUserAuth,
} from "./types.ts";
