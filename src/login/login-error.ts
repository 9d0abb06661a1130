import { type KakaoFailure, remedyFor } from "../kakao/index.ts";

/** What a front end is told when a login fails; the codes are stable. */
export type LoginError =
  | "access_denied"
  | "login_required"
  | "consent_required"
  | "interaction_required"
  | "login_expired"
  | "kakao_unavailable"
  | "kakao_misconfigured"
  | "temporarily_unavailable"
  | "login_failed";

/**
 * How a login ended: with a session that lasts until `expiresAt`, at a `bookmark` of the database where replicas are
 * read, or with an error for the front end.
 */
export type LoginEnd =
  | { kind: "signed_in"; expiresAt: number; bookmark: string | null }
  | { kind: "failed"; error: LoginError };

/** Said to the front end's developer, in our words: Kakao's own texts change and may echo the code. */
export const DESCRIPTIONS: Record<LoginError, string> = {
  access_denied: "The person cancelled, or may not use this app.",
  login_required: "Nobody is logged in in this browser, and no page may ask.",
  consent_required: "The person has not agreed to share something that was asked for.",
  interaction_required: "Kakao has to show the person something first.",
  login_expired: "The login took too long or was used already. Start it again.",
  kakao_unavailable: "Kakao does not answer at the moment. Try again later.",
  kakao_misconfigured: "The Kakao app and this auth service do not fit together. The operator's log says why.",
  temporarily_unavailable: "The session database does not answer. This says nothing about who is signed in.",
  login_failed: "The login failed. Start it again.",
};

/** The errors of Kakao's redirect that say what they mean; the others are sorted like failed calls. */
const AS_KAKAO_SAYS = new Set<string>(["access_denied", "login_required", "consent_required", "interaction_required"]);

/** RFC 6749 section 4.1.2.1 has this one beside Kakao's own `server_error`. */
const KAKAO_IS_DOWN = new Set(["server_error", "temporarily_unavailable"]);

const OPERATOR_MUST_ACT = new Set(["invalid_scope", "invalid_client", "misconfigured"]);

/** Translates the `error` parameter of Kakao's redirect. */
export const fromRedirect = (error: string): LoginError => {
  if (isAsKakaoSays(error)) return error;
  if (KAKAO_IS_DOWN.has(error)) return "kakao_unavailable";
  return OPERATOR_MUST_ACT.has(error) ? "kakao_misconfigured" : "login_failed";
};

/** Translates a failed call to Kakao. */
export const fromFailure = (failure: KakaoFailure): LoginError => {
  switch (remedyFor(failure)) {
    case "retry":
      return "kakao_unavailable";
    case "operator":
      return "kakao_misconfigured";
    case "new_login":
      return "login_expired";
    case "consent":
      return "consent_required";
    case "unknown":
      return "login_failed";
  }
};

export const isLoginError = (text: string): text is LoginError => Object.hasOwn(DESCRIPTIONS, text);

const isAsKakaoSays = (error: string): error is LoginError => AS_KAKAO_SAYS.has(error);
