import { describe, expect, it } from "vitest";
import errors from "./fixtures/kapi-errors.json" with { type: "json" };
import { DEFAULT_PROFILE, FULL_PROFILE, NINETEEN_DIGITS, NO_EMAIL } from "./index.ts";
import { createClient, createClock, DAY, KAPI, KAUTH, readJson } from "./support/client.ts";
import { expectFields } from "./support/shape.ts";

const expectError = async (response: Response, name: keyof typeof errors): Promise<void> => {
  const { status, www_authenticate, body } = errors[name];
  expect(response.headers.get("www-authenticate")).toBe(www_authenticate);
  expect(response.headers.get("content-type")).toBe("application/json;charset=UTF-8");
  const answer = await readJson(response, status);
  expect(answer).toEqual(body);
  expectFields(answer, "kapi_error");
};

describe("a 19-digit user number", () => {
  it.each([
    ["GET", "/v2/user/me"],
    ["GET", "/v1/user/access_token_info"],
    ["POST", "/v1/user/logout"],
    ["POST", "/v1/user/unlink"],
  ])("is written digit by digit by %s %s", async (method, path) => {
    const { logIn, callApi } = createClient();
    const { access_token } = await logIn({ person: NINETEEN_DIGITS });
    const text = await (await callApi(path, access_token, { method })).text();
    expect(text).toMatch(/^\{"id":1376016924426273491[,}]/);
    // What every careless reader would make of it.
    expect(String(JSON.parse(text).id)).not.toBe(NINETEEN_DIGITS.id);
  });
});

describe("the access token", () => {
  it.each([["/v2/user/me"], ["/v1/oidc/userinfo"]])("is asked for by %s", async (path) => {
    const { callApi } = createClient();
    await expectError(await callApi(path, null), "no_token");
    await expectError(await callApi(path, "made-up-but-in-the-right-form"), "unknown_token");
  });

  it("ends after its six hours", async () => {
    const clock = createClock();
    const { logIn, callApi } = createClient({ clock });
    const { access_token, expires_in } = await logIn();
    clock.time += expires_in * 1000 - 1;
    expect((await callApi("/v2/user/me", access_token)).status).toBe(200);
    clock.time += 1;
    await expectError(await callApi("/v2/user/me", access_token), "expired_token");
    await expectError(await callApi("/v1/user/access_token_info", access_token), "expired_token");
  });

  it("counts down in access_token_info", async () => {
    const clock = createClock();
    const { logIn, callApi } = createClient({ clock });
    const { access_token } = await logIn();
    clock.time += 99_000;
    expect(await readJson(await callApi("/v1/user/access_token_info", access_token))).toMatchObject({
      expires_in: 21_500,
    });
  });

  it("is -2 when access_token_info cannot read it, -401 when it knows none", async () => {
    const { callApi } = createClient();
    await expectError(await callApi("/v1/user/access_token_info", "???"), "malformed_token");
    await expectError(await callApi("/v1/user/access_token_info", null), "malformed_token");
    await expectError(await callApi("/v1/user/access_token_info", "a".repeat(54)), "unknown_token");
  });

  it("needs openid for userinfo (-402)", async () => {
    const consentItems = [{ id: "profile_nickname", required: true }];
    const { logIn, callApi } = createClient({ app: { consentItems } });
    const { access_token } = await logIn({}, { scope: "profile_nickname" });
    await expectError(await callApi("/v1/oidc/userinfo", access_token), "insufficient_scope");
  });
});

describe("the parameters of /v2/user/me", () => {
  const account = async (query: string, init: RequestInit = {}) => {
    const { logIn, callApi } = createClient();
    const { access_token } = await logIn();
    const user = await readJson(await callApi(`/v2/user/me${query}`, access_token, init));
    return user as { kakao_account?: Record<string, unknown>; properties?: Record<string, string> };
  };
  const keys = (...names: string[]) => `?property_keys=${encodeURIComponent(JSON.stringify(names))}`;

  it("property_keys names members", async () => {
    expect(await account(keys("kakao_account.email"))).toEqual({
      id: 2604117385,
      connected_at: expect.any(String),
      kakao_account: {
        email_needs_agreement: false,
        is_email_valid: true,
        is_email_verified: true,
        email: "seoyun@example.com",
      },
    });
  });

  it("a trailing dot asks for all of an object", async () => {
    const all = await account("");
    expect(await account(keys("kakao_account."))).toEqual({
      ...all,
      connected_at: expect.any(String),
      properties: undefined,
    });
    expect(await account(keys("properties."))).not.toHaveProperty("kakao_account");
  });

  it("an empty list leaves the number and the date", async () => {
    expect(Object.keys(await account(keys()))).toEqual(["id", "connected_at"]);
  });

  it.each(["kakao_account.email", "{}", "[1]"])("property_keys=%s is -2", async (text) => {
    const { logIn, callApi } = createClient();
    const { access_token } = await logIn();
    const path = `/v2/user/me?property_keys=${encodeURIComponent(text)}`;
    expect(await readJson(await callApi(path, access_token), 400)).toMatchObject({ code: -2 });
  });

  it("secure_resource turns image addresses to https, which are http by default", async () => {
    const image = { thumbnail_image_url: expect.stringMatching(/^http:/) };
    expect((await account("")).kakao_account?.profile).toMatchObject(image);
    const secure = await account("?secure_resource=true");
    expect(JSON.stringify(secure)).not.toContain('"http:');
    expect(secure.kakao_account?.profile).toMatchObject({ thumbnail_image_url: expect.stringMatching(/^https:/) });
  });

  it("takes a POSTed form as well", async () => {
    const body = new URLSearchParams({ property_keys: '["kakao_account.gender"]' });
    expect((await account("", { method: "POST", body })).kakao_account).toEqual({
      gender_needs_agreement: false,
      gender: "female",
    });
  });

  it("flags a default nickname and picture", async () => {
    const { logIn, callApi } = createClient();
    const { access_token } = await logIn({ person: DEFAULT_PROFILE });
    const user = await readJson(await callApi("/v2/user/me", access_token));
    expect(user.kakao_account).toMatchObject({ profile: { is_default_image: true, is_default_nickname: true } });
  });
});

describe("the admin key", () => {
  const asAdmin = (key: string) => ({ headers: { authorization: `KakaoAK ${key}` } });
  const target = (id: string) => `target_id_type=user_id&target_id=${id}`;

  it("reads a linked person", async () => {
    const { app, logIn, callApi } = createClient();
    await logIn({ person: NINETEEN_DIGITS });
    const response = await callApi(`/v2/user/me?${target(NINETEEN_DIGITS.id)}`, null, asAdmin(app.adminKey));
    expect(await response.text()).toContain(`"id":${NINETEEN_DIGITS.id}`);
  });

  it("is -101 for somebody who is not linked, -2 without a target, -401 with another key", async () => {
    const { app, callApi } = createClient();
    const admin = asAdmin(app.adminKey);
    await expectError(await callApi(`/v2/user/me?${target(FULL_PROFILE.id)}`, null, admin), "not_linked");
    expect(await readJson(await callApi("/v2/user/me", null, admin), 400)).toMatchObject({ code: -2 });
    const wrong = await callApi(`/v2/user/me?${target(FULL_PROFILE.id)}`, null, asAdmin("wrong"));
    await expectError(wrong, "wrong_admin_key");
  });

  it("unlinks once, then -101", async () => {
    const { app, logIn, callApi } = createClient();
    await logIn();
    const body = () => new URLSearchParams({ target_id_type: "user_id", target_id: FULL_PROFILE.id });
    const unlink = () => callApi("/v1/user/unlink", null, { method: "POST", body: body(), ...asAdmin(app.adminKey) });
    expect((await unlink()).status).toBe(200);
    await expectError(await unlink(), "not_linked");
  });

  it("logs out everywhere", async () => {
    const { app, logIn, callApi } = createClient();
    const [one, two] = [await logIn(), await logIn()];
    const body = new URLSearchParams({ target_id_type: "user_id", target_id: FULL_PROFILE.id });
    await callApi("/v1/user/logout", null, { method: "POST", body, ...asAdmin(app.adminKey) });
    for (const { access_token } of [one, two]) {
      await expectError(await callApi("/v2/user/me", access_token), "unknown_token");
    }
  });
});

describe("the end of a connection", () => {
  it("logout ends that login's tokens, not the others'", async () => {
    const { logIn, callApi, postToken } = createClient();
    const [one, two] = [await logIn(), await logIn()];
    await callApi("/v1/user/logout", one.access_token, { method: "POST" });
    await expectError(await callApi("/v2/user/me", one.access_token), "unknown_token");
    const refresh = await postToken({ grant_type: "refresh_token", refresh_token: one.refresh_token });
    expect(await readJson(refresh, 400)).toMatchObject({ error_code: "KOE322" });
    expect((await callApi("/v2/user/me", two.access_token)).status).toBe(200);
  });

  it("unlink ends all tokens and asks consent again at the next login", async () => {
    const clock = createClock();
    const { kakao, authorizeUrl, logIn, callApi } = createClient({ clock });
    const browser = kakao.createBrowser();
    const [one, two] = [await logIn({ browser }), await logIn({ person: NO_EMAIL })];
    await callApi("/v1/user/unlink", one.access_token, { method: "POST" });
    await expectError(await callApi("/v2/user/me", one.access_token), "unknown_token");
    expect((await callApi("/v2/user/me", two.access_token)).status).toBe(200);
    const silent = await kakao.authorize(authorizeUrl({ prompt: "none" }), { browser });
    expect(silent.searchParams.get("error")).toBe("consent_required");
    clock.time += DAY;
    const again = await logIn();
    const user = await readJson(await callApi("/v2/user/me", again.access_token));
    expect(user.connected_at).toBe("2026-11-24T03:10:00Z");
  });
});

describe("the hosts", () => {
  it("know only their own paths, and record what they were asked", async () => {
    const { kakao } = createClient();
    for (const url of [`${KAUTH}/v2/user/me`, `${KAPI}/oauth/token`, `${KAPI}/v2/user/none`]) {
      expect((await kakao.fetch(new Request(url))).status).toBe(404);
    }
    expect(kakao.calls).toEqual([
      { method: "GET", url: `${KAUTH}/v2/user/me`, path: "/v2/user/me", status: 404 },
      { method: "GET", url: `${KAPI}/oauth/token`, path: "/oauth/token", status: 404 },
      { method: "GET", url: `${KAPI}/v2/user/none`, path: "/v2/user/none", status: 404 },
    ]);
  });
});
