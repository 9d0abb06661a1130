import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KakaoFailure } from "../../../src/kakao/index.ts";
import {
  DESCRIPTIONS,
  fromFailure,
  fromRedirect,
  isLoginError,
  type LoginError,
} from "../../../src/login/login-error.ts";

const failure = (change: Partial<KakaoFailure>): KakaoFailure => ({
  step: "token",
  url: "https://kauth.kakao.com/oauth/token",
  method: "POST",
  status: 400,
  code: "http_400",
  error: null,
  ipMismatched: false,
  ...change,
});

describe("the error of Kakao's redirect, for the front end", () => {
  const rows: [error: string, told: LoginError][] = [
    ["access_denied", "access_denied"],
    ["login_required", "login_required"],
    ["consent_required", "consent_required"],
    ["interaction_required", "interaction_required"],
    ["server_error", "kakao_unavailable"],
    ["temporarily_unavailable", "kakao_unavailable"],
    ["invalid_scope", "kakao_misconfigured"],
    ["invalid_client", "kakao_misconfigured"],
    ["misconfigured", "kakao_misconfigured"],
    ["invalid_request", "login_failed"],
    ["unauthorized_client", "login_failed"],
    ["invalid_grant", "login_failed"],
    ["", "login_failed"],
    ["ACCESS_DENIED", "login_failed"],
    ["access_denied\n", "login_failed"],
    ["login_expired", "login_failed"],
    ["kakao_misconfigured", "login_failed"],
    ["signed_in", "login_failed"],
    ["constructor", "login_failed"],
    ["__proto__", "login_failed"],
  ];
  test.each(rows)("%j: %s", (error, told) => {
    expect(fromRedirect(error)).toBe(told);
  });

  test("property: whatever a stranger writes there, the front end is told a code of ours", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (error) => {
        expect(isLoginError(fromRedirect(error))).toBe(true);
      }),
    );
  });
});

describe("a failed call to Kakao, for the front end", () => {
  const rows: [told: LoginError, change: Partial<KakaoFailure>][] = [
    ["kakao_unavailable", { code: "timeout", status: null }],
    ["kakao_unavailable", { code: "http_502", status: 502 }],
    ["kakao_unavailable", { code: "KOE003" }],
    ["kakao_unavailable", { code: "KOE237" }],
    ["kakao_unavailable", { code: "-1", step: "user" }],
    ["kakao_unavailable", { code: "-7", step: "user" }],
    ["kakao_unavailable", { code: "-9798", status: 503, step: "user" }],
    ["kakao_misconfigured", { code: "KOE006" }],
    ["kakao_misconfigured", { code: "KOE009" }],
    ["kakao_misconfigured", { code: "KOE010", status: 401 }],
    ["kakao_misconfigured", { code: "KOE101", status: 401 }],
    ["kakao_misconfigured", { code: "KOE114" }],
    ["kakao_misconfigured", { code: "KOE205" }],
    ["kakao_misconfigured", { code: "KOE303" }],
    ["kakao_misconfigured", { code: "-401", status: 401, step: "user", ipMismatched: true }],
    ["login_expired", { code: "KOE320", error: "invalid_grant" }],
    ["consent_required", { code: "-402", status: 403, step: "user" }],
    ["login_failed", { code: "-401", status: 401, step: "user" }],
    ["login_failed", { code: "KOE313", error: "invalid_grant" }],
    ["login_failed", { code: "id_token_sub", status: 200, step: "id_token" }],
    ["login_failed", { code: "redirected", status: 302 }],
  ];
  test.each(rows)("%s: %j", (told, change) => {
    expect(fromFailure(failure(change))).toBe(told);
  });
});

test("every code has a description of its own, fit for a query", () => {
  const texts = Object.values(DESCRIPTIONS);
  expect(new Set(texts).size).toBe(texts.length);
  // RFC 6749 section 4.1.2.1: no characters outside this set in error_description.
  for (const text of texts) expect(text).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
});

test.each(["signed_in", "", "toString", "__proto__", "constructor", "Login_failed"])(
  "an outcome from the database that is no error code is not taken for one: %j",
  (text) => {
    expect(isLoginError(text)).toBe(false);
  },
);
