import { inspect } from "node:util";
import { OAuthRequestError } from "@lucia-auth/oauth";
import { kakao as publishedKakao } from "@lucia-auth/oauth/providers";
import { lucia } from "lucia";
import { describe, expect, test } from "vitest";
import { KakaoRequestError, kakao } from "../../../src/kakao/index.ts";
import { createKakao, DEFAULT_APP, NINETEEN_DIGITS } from "../../simulator/index.ts";
import { answerFetch, answerLogin, jsonAnswer, TOKEN_ANSWER } from "./fetch-double.ts";
import { inMemoryAdapter, USER_ATTRIBUTES } from "./in-memory-adapter.ts";

// Where the published provider is wrong: each test shows what it does, and what ours does instead.

const CODE = "a-code-that-must-not-be-seen";
const CONFIG = {
  clientId: DEFAULT_APP.restApiKey,
  clientSecret: DEFAULT_APP.clientSecret ?? "",
  redirectUri: "https://auth.example.com/login/kakao/callback",
  scope: ["account_email", "profile_nickname"],
};

const newAuth = () => lucia({ adapter: inMemoryAdapter().adapter, env: "PROD" });
const published = () => publishedKakao(newAuth(), CONFIG);
const ours = () => kakao(newAuth(), CONFIG);

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

test("scope is sent, with the comma that Kakao documents; the published one drops it", async () => {
  const [[publishedUrl], [url]] = await Promise.all([published().getAuthorizationUrl(), ours().getAuthorizationUrl()]);
  expect(publishedUrl.searchParams.get("scope")).toBeNull();
  expect(url.searchParams.get("scope")).toBe("account_email,profile_nickname");
});

test("redirect_uri goes with the token request (RFC 6749 section 4.1.3); Kakao refuses the published one: KOE303", async () => {
  const simulator = createKakao();
  answerFetch((request) => simulator.fetch(request));
  const login = async (kakaoAuth: ReturnType<typeof ours> | ReturnType<typeof published>) => {
    const [url] = await kakaoAuth.getAuthorizationUrl();
    const callback = await simulator.authorize(url);
    return kakaoAuth.validateCallback(callback.searchParams.get("code") ?? "");
  };
  const error = await failureOf(login(published()));
  expect(error instanceof OAuthRequestError && (await error.response.json())).toMatchObject({ error_code: "KOE303" });
  expect((await login(ours())).kakaoUser.id).toBeGreaterThan(0);
});

test("a user number above 2^53 is exact; the published one makes another person's key of it", async () => {
  // Written out by hand: an object literal would have rounded it already.
  answerLogin({ user: `{"id":${NINETEEN_DIGITS.id}}` });
  const { adapter, tables } = inMemoryAdapter();
  const auth = lucia({ adapter, env: "PROD" });
  const theirs = await publishedKakao(auth, CONFIG).validateCallback(CODE);
  await theirs.createUser({ attributes: USER_ATTRIBUTES });
  const exact = await kakao(auth, CONFIG).validateCallback(CODE);
  expect(await exact.getExistingUser()).toBeNull();
  await exact.createUser({ attributes: USER_ATTRIBUTES });
  expect([...tables.keys.keys()]).toEqual(["kakao:1376016924426273500", "kakao:1376016924426273491"]);
  expect(exact.kakaoUserId).toBe(NINETEEN_DIGITS.id);
});

test("profile images come over TLS: ours asks with secure_resource", async () => {
  const requests = answerLogin({ user: { id: 1 } });
  await published().validateCallback(CODE);
  await ours().validateCallback(CODE);
  expect(requests.filter(({ url }) => url.includes("/v2/user/me")).map(({ url }) => new URL(url).search)).toEqual([
    "",
    "?secure_resource=true",
  ]);
});

test("a Kakao that never answers ends after 3 s; the published one waits on", { timeout: 10_000 }, async () => {
  answerFetch(() => new Promise(() => {}));
  const started = Date.now();
  let publishedSettled = false;
  void failureOf(published().validateCallback(CODE)).then(() => {
    publishedSettled = true;
  });
  const error = await failureOf(ours().validateCallback(CODE));
  expect(error).toMatchObject({ name: "KakaoRequestError", code: "timeout" });
  expect(Date.now() - started).toBeGreaterThan(2_900);
  expect(Date.now() - started).toBeLessThan(6_000);
  expect(publishedSettled).toBe(false);
});

test("a redirect of the token endpoint is not followed (CWE-918); the published one would carry the secret along", async () => {
  const requests = answerFetch(
    () => new Response(null, { status: 307, headers: { Location: "https://elsewhere.test/" } }),
  );
  await failureOf(published().validateCallback(CODE));
  const error = await failureOf(ours().validateCallback(CODE));
  expect(requests.map(({ redirect }) => redirect)).toEqual(["follow", "manual"]);
  expect(error).toMatchObject({ code: "redirected", failure: { step: "token", status: 307 } });
});

describe("the error of a refused code", () => {
  const refusal = {
    error: "invalid_grant",
    error_description: `authorization code not found for code=${CODE}`,
    error_code: "KOE320",
  };

  test("is the package's OAuthRequestError in both, and carries the secret in the published one alone (CWE-532)", async () => {
    answerFetch(() => jsonAnswer(refusal, 400));
    const errors = [
      await failureOf(published().validateCallback(CODE)),
      await failureOf(ours().validateCallback(CODE)),
    ];
    for (const error of errors) {
      expect(error).toBeInstanceOf(OAuthRequestError);
      expect(error).toMatchObject({ message: "OAUTH_REQUEST_FAILED", response: { status: 400 } });
    }
    const [theirs, own] = errors;
    expect(theirs instanceof OAuthRequestError && (await theirs.request.text())).toContain(CONFIG.clientSecret);
    expect(theirs instanceof OAuthRequestError && (await theirs.response.text())).toContain(CODE);
    expect(own).toBeInstanceOf(KakaoRequestError);
    expect(own instanceof OAuthRequestError && (await own.request.text()) + (await own.response.text())).toBe("");
    expect(own).toMatchObject({ code: "KOE320", failure: { error: "invalid_grant", status: 400 } });
  });

  test.each([
    ["token", 1],
    ["user", 2],
  ])("of the %s step shows no secret, code or token to JSON, to inspect or in its stack", async (_, failing) => {
    const requests = answerFetch(() => {
      if (requests.length < failing) return jsonAnswer(TOKEN_ANSWER);
      return jsonAnswer({ ...refusal, msg: `token ${TOKEN_ANSWER.access_token}`, code: -401 }, 401);
    });
    const error = await failureOf(ours().validateCallback(CODE));
    expect(error).toBeInstanceOf(KakaoRequestError);
    const shown = JSON.stringify(error) + inspect(error, { depth: 12, showHidden: true, getters: true });
    for (const secret of [CONFIG.clientSecret, CODE, TOKEN_ANSWER.access_token, TOKEN_ANSWER.refresh_token]) {
      expect(shown).not.toContain(secret);
    }
  });
});

test("the provider itself shows no client secret to JSON or inspect; the published one does (CWE-532)", () => {
  expect(inspect(published(), { depth: 5 })).toContain(CONFIG.clientSecret);
  expect(JSON.stringify(ours()) + inspect(ours(), { depth: 12, showHidden: true })).not.toContain(CONFIG.clientSecret);
});
