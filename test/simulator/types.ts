/** One consent item (동의항목) as the app's console page sets it up. */
export type ConsentItem = {
  id: string;
  required: boolean;
  /** "이용 중 동의": never asked at the first login, only when an authorize request names it in `scope`. */
  onUse?: boolean;
};

/** One of the app's terms of service, agreed to through Kakao Sync. */
export type ServiceTerms = { tag: string; title: string; required: boolean };

/** An app as its operator registered it in Kakao's console. */
export type KakaoApp = {
  appId: number;
  name: string;
  restApiKey: string;
  /** Null: the operator switched the client secret off. */
  clientSecret: string | null;
  adminKey: string;
  nativeAppKeys: readonly string[];
  /** Compared character by character. */
  redirectUris: readonly string[];
  openIdConnect: boolean;
  consentItems: readonly ConsentItem[];
  serviceTerms?: readonly ServiceTerms[];
  /** True: people under 14 are sent back with `access_denied`. */
  refusesUnderFourteen?: boolean;
  /** True: enforces Kakao's quota of tokens per person (KOE237). Off by default, since load tests log in one person often. */
  limitsTokens?: boolean;
};

/** What Kakao knows about a person. `null`: nothing of that kind. */
export type PersonAccount = {
  nickname: string;
  isDefaultNickname: boolean;
  thumbnailImageUrl: string;
  profileImageUrl: string;
  isDefaultImage: boolean;
  name: string | null;
  email: { address: string; valid: boolean; verified: boolean } | null;
  ageRange: string | null;
  birthyear: string | null;
  birthday: { date: string; type: "SOLAR" | "LUNAR"; isLeapMonth: boolean } | null;
  gender: "female" | "male" | null;
  phoneNumber: string | null;
  ci: { value: string; authenticatedAt: string } | null;
};

export type Person = {
  /** The user number in decimal digits; it may exceed 2^53. */
  id: string;
  /** What the person types at the login page. */
  loginId: string;
  /** One line for the account chooser. */
  summary: string;
  /** Null: `/v2/user/me` has no `kakao_account` at all. */
  account: PersonAccount | null;
  /** The deprecated `properties` object; null: absent. */
  properties: Readonly<Record<string, string>> | null;
  /** Optional consent items that this person leaves unticked. */
  declines: readonly string[];
  underFourteen?: boolean;
};

/** The endpoints whose answers can be spoilt. */
export const FAULT_ENDPOINTS = [
  "authorize",
  "token",
  "user",
  "jwks",
  "access_token_info",
  "unlink",
  "logout",
  "userinfo",
  "openid_configuration",
] as const;
export type FaultEndpoint = (typeof FAULT_ENDPOINTS)[number];

/**
 * A way for Kakao to misbehave.
 * - `delay`: the request takes effect at once, the answer comes `ms` milliseconds later.
 * - `hang`: neither effect nor answer until the fault is cleared (then 503) or the caller gives up.
 * - `status`, `html`, `redirect`, `kakao_error`: answered in place of Kakao; the request has no effect.
 * - `truncated`: the request takes effect, half of the body arrives.
 * - `oversized`: the request takes effect, the right body is preceded by 16 MiB of padding.
 * - `claims` (token): changes the id_token's claims (null removes one) and header; it is signed all the same.
 * - `wrong_signature`: token signs with a key that is not in the JWKS; jwks shows other keys under the same ids.
 */
export type Fault =
  | { kind: "delay"; ms: number }
  | { kind: "hang" }
  | { kind: "status"; status: number; body?: string }
  | { kind: "html" }
  | { kind: "redirect"; location: string }
  | { kind: "truncated" }
  | { kind: "oversized" }
  | { kind: "kakao_error"; status: number; body: unknown }
  | { kind: "claims"; claims: Record<string, unknown>; header?: Record<string, unknown> }
  | { kind: "wrong_signature" };

/** One request to a Kakao endpoint. `status` is 0 while no answer has been given. */
export type Call = { method: string; url: string; path: string; status: number };
