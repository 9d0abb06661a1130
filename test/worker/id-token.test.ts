import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Fault, FULL_PROFILE } from "../simulator/index.ts";
import { callsToKakao, logLine } from "./support/answers.ts";
import { newBrowser } from "./support/browser.ts";
import { expectFailure, loginThrough } from "./support/failed-login.ts";
import { SHOP, startWorker, type TestWorker, VARIABLES } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
beforeEach(() => {
  worker.kakao.calls.length = 0;
  worker.clearLogs();
});
afterEach(() => worker.kakao.faults.clear());
afterAll(() => worker.close());

const now = () => Math.floor(Date.now() / 1000);
const claims = (wrong: Record<string, unknown>, header: Record<string, unknown> = {}): Fault => ({
  kind: "claims",
  claims: wrong,
  header,
});
const JWKS = "/.well-known/jwks.json";

/** A key id that Kakao never published makes the Worker ask for the keys again. */
const UNKNOWN_KEY = claims({}, { kid: "00000000000000000000000000000000" });

describe("an id_token (OpenID Connect Core section 3.1.3.7)", () => {
  it("of Kakao is verified under keys that are fetched once", async () => {
    for (const _login of [1, 2, 3]) await newBrowser(worker).login();
    expect(callsToKakao(worker).filter((path) => path === JWKS)).toHaveLength(1);
  });

  it.each([
    ["of another issuer", claims({ iss: "https://kauth.evil.test" }), "id_token_iss"],
    ["of an issuer with a trailing slash", claims({ iss: "https://kauth.kakao.com/" }), "id_token_iss"],
    ["without an issuer", claims({ iss: null }), "id_token_iss"],
    ["for another app", claims({ aud: "ffffffffffffffffffffffffffffffff" }), "id_token_aud"],
    ["for us and another app", claims({ aud: [VARIABLES.KAKAO_CLIENT_ID, "other"] }), "id_token_claims"],
    ["without an audience", claims({ aud: null }), "id_token_aud"],
    ["that expired", claims({ exp: now() - 60 }), "id_token_err_jwt_expired"],
    ["that never expires", claims({ exp: null }), "id_token_exp"],
    ["whose expiry is a text", claims({ exp: "2099-01-01" }), "id_token_exp"],
    ["that is not yet valid", claims({ nbf: now() + 3600 }), "id_token_nbf"],
    ["without a time of issue", claims({ iat: null }), "id_token_iat"],
    ["of another login (CWE-294)", claims({ nonce: "of-another-login" }), "id_token_nonce"],
    ["without a nonce", claims({ nonce: null }), "id_token_nonce"],
    ["of another person", claims({ sub: "2604117999" }), "id_token_sub"],
    ["whose person is a number", claims({ sub: Number(FULL_PROFILE.id) }), "id_token_claims"],
    ["without a person", claims({ sub: null }), "id_token_sub"],
    ["without a signature (CWE-347)", claims({}, { alg: "none" }), "id_token_err_jose_alg_not_allowed"],
    ["signed with the public key as a secret", claims({}, { alg: "HS256" }), "id_token_err_jose_alg_not_allowed"],
    ["signed under another algorithm", claims({}, { alg: "PS256" }), "id_token_err_jose_alg_not_allowed"],
    ["signed by somebody else", { kind: "wrong_signature" }, "id_token_err_jws_signature_verification_failed"],
    ["signed with an unpublished key", UNKNOWN_KEY, "id_token_err_jwks_no_matching_key"],
  ] as const)("%s ends in login_failed", async (_what, fault, cause) => {
    const browser = newBrowser(worker);
    await expectFailure(
      browser,
      await loginThrough(worker, browser, () => worker.kakao.faults.set("token", fault)),
      "login_failed",
    );
    await logLine(worker, { step: "id_token", error: "login_failed", kakao_code: cause });
  });

  it.each([
    ["no JWT", "not.a-jwt"],
    ["a JWT with an unreadable header", "%%%.e30.AAAA"],
    ["an empty text", ""],
  ])("that is %s ends in login_failed", async (_what, idToken) => {
    const body = { access_token: "a", refresh_token: "r", expires_in: 60, refresh_token_expires_in: 60 };
    const fault: Fault = { kind: "status", status: 200, body: JSON.stringify({ ...body, id_token: idToken }) };
    const user = JSON.stringify({ id: Number(FULL_PROFILE.id) });
    const browser = newBrowser(worker);
    const answer = await loginThrough(worker, browser, () => {
      worker.kakao.faults.set("token", fault);
      worker.kakao.faults.set("user", { kind: "status", status: 200, body: user });
    });
    await expectFailure(browser, answer, "login_failed");
  });
});

describe("Kakao's keys", () => {
  it.each([
    ["a 500", { kind: "status", status: 500 }, "kakao_unavailable", "http_500"],
    ["HTML", { kind: "html" }, "login_failed", "not_json"],
    ["a redirect (CWE-918)", { kind: "redirect", location: "https://evil.test/keys" }, "login_failed", "redirected"],
    ["an answer without end (CWE-400)", { kind: "oversized" }, "login_failed", "too_large"],
    ["half of them", { kind: "truncated" }, "login_failed", "not_json"],
    ["no keys", { kind: "status", status: 200, body: "{}" }, "login_failed", "unexpected_shape"],
    ["a text for keys", { kind: "status", status: 200, body: '{"keys":"x"}' }, "login_failed", "unexpected_shape"],
  ] as const)(
    "are needed for an unknown key id: %s instead of them ends the login",
    async (_what, fault, error, cause) => {
      const browser = newBrowser(worker);
      const answer = await loginThrough(worker, browser, () => {
        worker.kakao.faults.set("token", UNKNOWN_KEY);
        worker.kakao.faults.set("jwks", fault);
      });
      await expectFailure(browser, answer, error);
      await logLine(worker, { step: "jwks", error, kakao_code: cause });
    },
  );

  it("are not asked for while the known ones fit, so that logins outlive an outage of the key endpoint", async () => {
    await newBrowser(worker).login();
    worker.kakao.faults.set("jwks", { kind: "status", status: 503 });
    const answer = await newBrowser(worker).login();
    expect(answer.headers.get("Location")).toBe(`${SHOP}/welcome`);
  });
});
