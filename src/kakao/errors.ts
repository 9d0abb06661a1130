import { OAuthRequestError } from "@lucia-auth/oauth";

/** Which call, or which check of its answer, failed. */
export type KakaoStep = "token" | "user" | "jwks" | "id_token";

/**
 * Why: Kakao's own stable code (`KOE320`, `-401`), or one of ours when Kakao gave none: `timeout`, `network`,
 * `redirected`, `too_large`, `not_json`, `unexpected_shape`, `http_503`, `id_token_<what>`.
 */
export type KakaoFailureCode = string;

/** The evidence of a failed call, in words that may stand in a log. */
export type KakaoFailure = {
  step: KakaoStep;
  url: string;
  method: string;
  /** HTTP status; `null` when no answer came. */
  status: number | null;
  code: KakaoFailureCode;
  /** Kakao's `error`, for example `invalid_grant`; `null` when it sent none. */
  error: string | null;
  /** kapi -401 because the app has an IP allow list, which a Worker can never satisfy. */
  ipMismatched: boolean;
};

/** What a failed call asks for: try later, tell the operator, ask the person again, or nothing we know of. */
export type KakaoRemedy = "retry" | "operator" | "new_login" | "consent" | "unknown";

/**
 * A failed call to Kakao. Unlike the published provider's error it holds no secret: `request` and `response` are
 * stand-ins with the address and the status alone. Kakao's own bodies may echo the code (KOE320), so none is kept.
 */
export class KakaoRequestError extends OAuthRequestError {
  override name = "KakaoRequestError";
  readonly failure: KakaoFailure;

  constructor(failure: KakaoFailure) {
    const { status: seen } = failure;
    // A stand-in can only have a status that `Response` accepts.
    const status = seen !== null && seen >= 200 && seen <= 599 ? seen : 502;
    super(new Request(failure.url, { method: failure.method }), new Response(null, { status }));
    this.failure = failure;
  }

  /** Kakao's stable code, or ours: see {@link KakaoFailureCode}. */
  get code(): KakaoFailureCode {
    return this.failure.code;
  }
}

const RETRY = new Set(["timeout", "network", "KOE003", "KOE237", "-1", "-7", "-9798"]);
const OPERATOR = new Set(["KOE006", "KOE009", "KOE010", "KOE101", "KOE114", "KOE205", "KOE303"]);

/**
 * Sorts a failure by its stable code. Texts may change without notice, so only `ip mismatched` is read from one.
 *
 * @see https://developers.kakao.com/docs/latest/ko/rest-api/error-code
 */
export const remedyFor = (failure: Pick<KakaoFailure, "code" | "error" | "status" | "ipMismatched">): KakaoRemedy => {
  if (failure.code === "KOE320") return "new_login";
  if (failure.code === "-402") return "consent";
  if (failure.ipMismatched || OPERATOR.has(failure.code)) return "operator";
  if (RETRY.has(failure.code)) return "retry";
  if (failure.error === "invalid_client" || failure.error === "invalid_scope") return "operator";
  if (failure.error === "server_error" || (failure.status !== null && failure.status >= 500)) return "retry";
  return "unknown";
};
