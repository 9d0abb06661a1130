import { OAuthRequestError } from "@lucia-auth/oauth";
import { describe, expect, test } from "vitest";
import { type KakaoFailure, type KakaoRemedy, KakaoRequestError, remedyFor } from "../../../src/kakao/index.ts";

const FAILURE: KakaoFailure = {
  step: "token",
  url: "https://kauth.kakao.com/oauth/token",
  method: "POST",
  status: 400,
  code: "KOE320",
  error: "invalid_grant",
  ipMismatched: false,
};

describe("remedyFor()", () => {
  const rows: [code: string, status: number | null, error: string | null, remedy: KakaoRemedy][] = [
    // Later: Kakao or the way to it is in trouble.
    ["timeout", null, null, "retry"],
    ["timeout", 200, null, "retry"],
    ["network", null, null, "retry"],
    ["KOE003", 400, "server_error", "retry"],
    ["KOE237", 400, "invalid_request", "retry"],
    ["-1", 400, null, "retry"],
    ["-7", 400, null, "retry"],
    ["-9798", 503, null, "retry"],
    ["http_500", 500, null, "retry"],
    ["http_502", 502, null, "retry"],
    ["http_503", 503, null, "retry"],
    ["http_504", 504, null, "retry"],
    ["http_400", 400, "server_error", "retry"],
    ["KOE999", 500, null, "retry"],
    // The operator: settings at Kakao or here.
    ["KOE006", 400, null, "operator"],
    ["KOE009", 400, "misconfigured", "operator"],
    ["KOE010", 401, "invalid_client", "operator"],
    ["KOE101", 401, "invalid_client", "operator"],
    ["KOE101", 400, "invalid_client", "operator"],
    ["KOE114", 400, null, "operator"],
    ["KOE205", 400, "invalid_scope", "operator"],
    ["KOE303", 400, "invalid_grant", "operator"],
    ["http_400", 400, "invalid_client", "operator"],
    ["http_400", 400, "invalid_scope", "operator"],
    ["KOE102", 400, "invalid_client", "operator"],
    ["KOE010", 500, "invalid_client", "operator"],
    // The person, once more.
    ["KOE320", 400, "invalid_grant", "new_login"],
    ["KOE320", 401, "invalid_grant", "new_login"],
    ["-402", 403, null, "consent"],
    // Nothing that anybody could name.
    ["-401", 401, null, "unknown"],
    ["-2", 400, null, "unknown"],
    ["-10", 429, null, "unknown"],
    ["-101", 400, null, "unknown"],
    ["KOE313", 400, "invalid_grant", "unknown"],
    ["KOE322", 400, "invalid_grant", "unknown"],
    ["redirected", 302, null, "unknown"],
    ["too_large", 200, null, "unknown"],
    ["not_json", 200, null, "unknown"],
    ["unexpected_shape", 200, null, "unknown"],
    ["id_token_nonce", 200, null, "unknown"],
    ["http_404", 404, null, "unknown"],
    ["", 400, "", "unknown"],
  ];

  test.each(rows)("%s with status %s and error %s: %4$s", (code, status, error, remedy) => {
    expect(remedyFor({ code, status, error, ipMismatched: false })).toBe(remedy);
  });

  test("-401 because of the app's IP allow list is the operator's, any other -401 is not", () => {
    expect(remedyFor({ code: "-401", status: 401, error: null, ipMismatched: true })).toBe("operator");
  });
});

describe("KakaoRequestError", () => {
  test("is what users of the package catch", () => {
    const error = new KakaoRequestError(FAILURE);
    expect(error).toBeInstanceOf(OAuthRequestError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ message: "OAUTH_REQUEST_FAILED", name: "KakaoRequestError", code: "KOE320" });
  });

  test("has stand-ins with address, method and status alone", async () => {
    const { request, response } = new KakaoRequestError(FAILURE);
    expect([request.method, request.url, response.status]).toEqual(["POST", FAILURE.url, 400]);
    expect([...request.headers, ...response.headers]).toEqual([]);
    expect((await request.text()) + (await response.text())).toBe("");
  });

  test.each([
    ["no answer came", null],
    ["an informational one", 101],
    ["no body is allowed", 204],
    ["a redirect", 302],
    ["an ordinary refusal", 400],
    ["the last status that HTTP names", 599],
    ["beyond what a Response can hold", 600],
    ["three digits are all that HTTP/1.1 asks for (RFC 9112 section 4)", 999],
  ])("can be made whatever the status: %s", (_, status) => {
    const error = new KakaoRequestError({ ...FAILURE, status });
    expect(error.failure.status).toBe(status);
    expect(error.response.ok).toBe(status === 204);
  });
});
