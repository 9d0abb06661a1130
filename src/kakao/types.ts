import type { ProviderUserAuth } from "@lucia-auth/oauth";
import type { Auth } from "lucia";
import type { KakaoIdTokenClaims } from "./id-token.ts";

/** Tokens of one Kakao login; lifetimes in seconds, counted from the answer. */
export type KakaoTokens = {
  accessToken: string;
  expiresIn: number;
  refreshToken: string;
  refreshTokenExpiresIn: number;
};

/** Kakao's age brackets, as `kakao_account.age_range` spells them. */
export type AgeRange =
  | "1~9"
  | "10~14"
  | "15~19"
  | "20~29"
  | "30~39"
  | "40~49"
  | "50~59"
  | "60~69"
  | "70~79"
  | "80~89"
  | "90~";

/** `kakao_account.profile`; image addresses are `https:` because the provider asks with `secure_resource`. */
export type KakaoProfile = {
  nickname?: string;
  thumbnail_image_url?: string;
  profile_image_url?: string;
  is_default_image?: boolean;
  is_default_nickname?: boolean;
};

/** What the person agreed to share. Every field may be missing: consent is per item and can be withdrawn. */
export type KakaoAccount = {
  profile_needs_agreement?: boolean;
  profile_nickname_needs_agreement?: boolean;
  profile_image_needs_agreement?: boolean;
  profile?: KakaoProfile;
  email_needs_agreement?: boolean;
  /** `false`: another Kakao account took this address over. */
  is_email_valid?: boolean;
  is_email_verified?: boolean;
  email?: string;
  name_needs_agreement?: boolean;
  name?: string;
  age_range_needs_agreement?: boolean;
  /** Spelled so in the Lucia docs; Kakao sends `age_range`. */
  ag_range?: AgeRange;
  age_range?: AgeRange;
  birthyear_needs_agreement?: boolean;
  /** `YYYY` */
  birthyear?: string;
  birthday_needs_agreement?: boolean;
  /** `MMDD` */
  birthday?: string;
  birthday_type?: "SOLAR" | "LUNAR";
  is_leap_month?: boolean;
  gender_needs_agreement?: boolean;
  gender?: "female" | "male";
  phone_number_needs_agreement?: boolean;
  phone_number?: string;
  ci_needs_agreement?: boolean;
  ci?: string;
  ci_authenticated_at?: string;
};

/** Present only for apps with the KakaoTalk message permission. */
export type KakaoPartner = {
  uuid?: string;
};

/**
 * The answer of `GET /v2/user/me`.
 *
 * `id` is a JavaScript number and therefore rounded above 2^53; use `KakaoUserAuth.kakaoUserId` to identify anybody.
 *
 * @see https://developers.kakao.com/docs/latest/ko/kakaologin/rest-api#req-user-info
 */
export type KakaoUser = {
  id: number;
  has_signed_up?: boolean;
  connected_at?: string;
  /** Spelled so in the Lucia docs; Kakao sends `synched_at`. */
  synced_at?: string;
  synched_at?: string;
  properties?: Record<string, string>;
  kakao_account?: KakaoAccount;
  for_partner?: KakaoPartner;
};

/** A Kakao user who just logged in, with Lucia's calls to find or create the user behind it. */
export interface KakaoUserAuth<_Auth extends Auth> extends ProviderUserAuth<_Auth> {
  kakaoUser: KakaoUser;
  kakaoTokens: KakaoTokens;
  /** Kakao's user number as the digits on the wire, exact above 2^53; the Lucia key is `kakao:` and these digits. */
  kakaoUserId: string;
  /** Claims of the verified id_token; `null` when OpenID Connect is off for the app. */
  kakaoIdToken: KakaoIdTokenClaims | null;
}

/** What the page of the Lucia docs lets a caller configure, and where Kakao is (another place only in tests). */
export type KakaoConfig = {
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  /** Consent items, for example `["account_email"]`. Without it Kakao asks for what its console says. */
  scope?: string[];
  /** Default `https://kauth.kakao.com`; also the issuer that an id_token must name. */
  authOrigin?: string;
  /** Default `https://kapi.kakao.com` */
  apiOrigin?: string;
};

/** Extras of the authorization request; the page's plain call leaves all of them out. */
export type AuthorizationOptions = {
  /** Default: 256 random bits. */
  state?: string;
  /** Sends its S256 challenge (RFC 7636 section 4.2); give the same verifier to `validateCallback`. */
  codeVerifier?: string;
  /** Comes back inside the id_token (OpenID Connect Core section 3.1.2.1). */
  nonce?: string;
  /** `login`, `none`, `create`, `select_account` */
  prompt?: readonly string[];
  loginHint?: string;
  /** Replaces the configured scope for this request: additional consent. */
  scope?: readonly string[];
  /** Kakao Sync: tags of service terms. */
  serviceTerms?: readonly string[];
};

/** What the callback must be held against, for requests that sent the matching extra. */
export type CallbackOptions = {
  codeVerifier?: string;
  nonce?: string;
  /** Ends every call to Kakao when it fires, beside the deadline of each call. */
  signal?: AbortSignal;
};

/** The provider: `OAuth2ProviderAuth<KakaoUserAuth>` of the Lucia docs, with optional extras. */
export interface KakaoAuth<_Auth extends Auth = Auth> {
  /** Where to send the browser, and the state to remember until it comes back. */
  getAuthorizationUrl: (options?: AuthorizationOptions) => Promise<readonly [url: URL, state: string]>;
  /**
   * Exchanges the authorization code and reads the user: two calls to Kakao, 3 s each at most.
   *
   * @throws {KakaoRequestError} an `OAuthRequestError` that carries Kakao's stable code and no secret
   */
  validateCallback: (code: string, options?: CallbackOptions) => Promise<KakaoUserAuth<_Auth>>;
}

/** The name that the page gives to what `kakao()` returns. */
export type KakaoProvider<_Auth extends Auth = Auth> = KakaoAuth<_Auth>;
