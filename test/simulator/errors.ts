import { type Json, writeJson } from "./json.ts";

/** What both hosts send with JSON. */
const JSON_TYPE = "application/json;charset=UTF-8";

/** An answer with a JSON body in which bigints are written as Kakao's `Long`. */
export const jsonResponse = (body: Json, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(writeJson(body), { status, headers: { "content-type": JSON_TYPE, ...headers } });

type TokenError = { status: number; error: string; description: string };

/**
 * Errors of the token endpoint. The texts and the statuses of KOE010, KOE313 and KOE320 were seen in real answers;
 * the other statuses, and the texts of KOE310 and KOE319, are assumptions. Clients branch on `error_code`.
 */
const TOKEN_ERRORS = {
  KOE010: { status: 401, error: "invalid_client", description: "Bad client credentials" },
  KOE101: { status: 401, error: "invalid_client", description: "Not exist client_id" },
  KOE114: { status: 400, error: "invalid_grant", description: "Application ID mismatch" },
  KOE237: { status: 400, error: "invalid_request", description: "token request rate limit exceeded" },
  KOE303: { status: 400, error: "invalid_grant", description: "Redirect URI mismatch." },
  KOE310: { status: 400, error: "unsupported_grant_type", description: "Unsupported grant type" },
  KOE313: {
    status: 400,
    error: "invalid_grant",
    description: "PKCE validation failed. transformed code verifier does not match code challenge.",
  },
  KOE319: { status: 400, error: "invalid_grant", description: "Not found refresh_token" },
  KOE320: { status: 400, error: "invalid_grant", description: "authorization code not found for code=" },
  KOE322: { status: 400, error: "invalid_grant", description: "expired_or_invalid_refresh_token" },
  KOE400: { status: 400, error: "invalid_token", description: "ID token is invalid" },
} as const satisfies Record<string, TokenError>;

/** An error of kauth. `detail` is appended to the description: Kakao echoes the client id and the code there. */
export const kauthError = (code: keyof typeof TOKEN_ERRORS, detail = ""): Response => {
  const { status, error, description } = TOKEN_ERRORS[code];
  return jsonResponse({ error, error_description: `${description}${detail}`, error_code: code }, status);
};

/**
 * An error of kapi: `{msg, code}`. A 401 also says `WWW-Authenticate: Bearer error=invalid_token`.
 *
 * @see https://developers.kakao.com/docs/latest/ko/rest-api/error-code
 */
export const kapiError = (status: number, code: number, msg: string, more: Record<string, Json> = {}): Response =>
  jsonResponse(
    { msg, code, ...more },
    status,
    status === 401 ? { "www-authenticate": "Bearer error=invalid_token" } : {},
  );
