import { kakao as publishedKakao } from "@lucia-auth/oauth/providers";
import { lucia } from "lucia";
import { describe, expect, test } from "vitest";
import { kakao } from "../../../src/kakao/index.ts";
import { createKakao, DEFAULT_APP, FULL_PROFILE } from "../../simulator/index.ts";
import { answerFetch, answerLogin, TOKEN_ANSWER } from "./fetch-double.ts";
import { inMemoryAdapter, USER_ATTRIBUTES } from "./in-memory-adapter.ts";

// The same calls on the published provider and on ours; what they do the same is asserted of both.

const CONFIG = {
  clientId: DEFAULT_APP.restApiKey,
  clientSecret: DEFAULT_APP.clientSecret ?? "",
  redirectUri: "https://auth.example.com/login/kakao/callback",
};

const USER_ANSWER = {
  id: 2604117385,
  connected_at: "2026-03-02T08:15:41Z",
  properties: { nickname: "서윤" },
  kakao_account: { profile: { nickname: "서윤", is_default_image: false }, email: "seoyun@example.com" },
  for_partner: { uuid: "simulated" },
};

const providers = { published: publishedKakao, ours: kakao };
const both = Object.entries(providers);

const newAuth = () => {
  const { adapter, tables } = inMemoryAdapter();
  const auth = lucia({ adapter, env: "PROD", getUserAttributes: ({ nickname }) => ({ nickname }) });
  return { auth, tables };
};

describe("getAuthorizationUrl()", () => {
  test("the same host, path and parameters", async () => {
    const addresses = await Promise.all(
      both.map(async ([, provider]) => {
        const [url, state] = await provider(newAuth().auth, CONFIG).getAuthorizationUrl();
        expect(url.searchParams.get("state")).toBe(state);
        return { address: url.origin + url.pathname, ...Object.fromEntries(url.searchParams), state: "" };
      }),
    );
    expect(addresses[1]).toEqual(addresses[0]);
    expect(addresses[1]).toEqual({
      address: "https://kauth.kakao.com/oauth/authorize",
      response_type: "code",
      client_id: CONFIG.clientId,
      redirect_uri: CONFIG.redirectUri,
      state: "",
    });
  });

  test.each(both)("%s: a fresh state of at least 128 bits each time", async (_, provider) => {
    const kakaoAuth = provider(newAuth().auth, CONFIG);
    const states = await Promise.all(
      Array.from({ length: 50 }, async () => (await kakaoAuth.getAuthorizationUrl())[1]),
    );
    expect(new Set(states).size).toBe(50);
    for (const state of states) expect(state).toMatch(/^[\w-]{43}$/);
  });
});

describe("validateCallback()", () => {
  test.each(both)("%s: asks the token endpoint with a form, then /v2/user/me with the token", async (_, provider) => {
    const requests = answerLogin({ user: USER_ANSWER });
    await provider(newAuth().auth, CONFIG).validateCallback("the-code");
    const [token, user] = requests;
    expect(requests.map(({ method, url }) => `${method} ${url.split("?")[0]}`)).toEqual([
      "POST https://kauth.kakao.com/oauth/token",
      "GET https://kapi.kakao.com/v2/user/me",
    ]);
    expect(token?.headers.get("Content-Type")).toMatch(/^application\/x-www-form-urlencoded(;|$)/);
    expect(token?.headers.get("Accept")).toBe("application/json");
    expect(Object.fromEntries(new URLSearchParams(await token?.text()))).toMatchObject({
      grant_type: "authorization_code",
      client_id: CONFIG.clientId,
      client_secret: CONFIG.clientSecret,
      code: "the-code",
    });
    expect(user?.headers.get("Authorization")).toBe(`Bearer ${TOKEN_ANSWER.access_token}`);
  });

  test.each(both)("%s: hands over Kakao's user and tokens unchanged", async (_, provider) => {
    answerLogin({ user: USER_ANSWER });
    const kakaoUserAuth = await provider(newAuth().auth, CONFIG).validateCallback("the-code");
    expect(kakaoUserAuth.kakaoUser).toEqual(USER_ANSWER);
    expect(kakaoUserAuth.kakaoTokens).toEqual({
      accessToken: TOKEN_ANSWER.access_token,
      expiresIn: TOKEN_ANSWER.expires_in,
      refreshToken: TOKEN_ANSWER.refresh_token,
      refreshTokenExpiresIn: TOKEN_ANSWER.refresh_token_expires_in,
    });
  });

  test("both log in at one simulated Kakao, once it forgives the published one's missing redirect_uri", async () => {
    const simulator = createKakao();
    answerFetch(async (request) => simulator.fetch(await withRedirectUri(request)));
    const ids: number[] = [];
    for (const [, provider] of both) {
      const kakaoAuth = provider(newAuth().auth, CONFIG);
      const [url] = await kakaoAuth.getAuthorizationUrl();
      const callback = await simulator.authorize(url);
      ids.push((await kakaoAuth.validateCallback(callback.searchParams.get("code") ?? "")).kakaoUser.id);
    }
    expect(ids).toEqual([Number(FULL_PROFILE.id), Number(FULL_PROFILE.id)]);
  });
});

describe("KakaoUserAuth", () => {
  const userAuthOf = async (
    provider: typeof kakao | typeof publishedKakao,
    auth: ReturnType<typeof newAuth>["auth"],
  ) => {
    answerLogin({ user: USER_ANSWER });
    return provider(auth, CONFIG).validateCallback("the-code");
  };

  test("ours has every member that the published one has", async () => {
    const { auth } = newAuth();
    const [published, ours] = [await userAuthOf(publishedKakao, auth), await userAuthOf(kakao, auth)];
    for (const [name, value] of Object.entries(published)) expect(typeof Reflect.get(ours, name)).toBe(typeof value);
  });

  test.each(both)("%s: nobody, then createUser, then the existing user", async (_, provider) => {
    const { auth, tables } = newAuth();
    const kakaoUserAuth = await userAuthOf(provider, auth);
    expect(await kakaoUserAuth.getExistingUser()).toBeNull();
    const user = await kakaoUserAuth.createUser({ attributes: { ...USER_ATTRIBUTES, nickname: "서윤" } });
    expect(user).toEqual({ userId: expect.stringMatching(/^[a-z0-9]{15}$/), nickname: "서윤" });
    expect(await kakaoUserAuth.getExistingUser()).toEqual(user);
    expect([...tables.keys.values()]).toEqual([
      { id: "kakao:2604117385", user_id: user.userId, hashed_password: null },
    ]);
  });

  test.each(both)("%s: createUser takes a user id, and refuses a second user of one person", async (_, provider) => {
    const { auth } = newAuth();
    const kakaoUserAuth = await userAuthOf(provider, auth);
    const options = { userId: "chosen", attributes: USER_ATTRIBUTES };
    expect((await kakaoUserAuth.createUser(options)).userId).toBe("chosen");
    await expect(kakaoUserAuth.createUser({ attributes: USER_ATTRIBUTES })).rejects.toThrow("AUTH_DUPLICATE_KEY_ID");
  });

  test.each(both)("%s: createKey links the person to a user that is there already", async (_, provider) => {
    const { auth } = newAuth();
    const { userId } = await auth.createUser({ key: null, attributes: USER_ATTRIBUTES });
    const kakaoUserAuth = await userAuthOf(provider, auth);
    expect(await kakaoUserAuth.createKey(userId)).toEqual({
      providerId: "kakao",
      providerUserId: "2604117385",
      userId,
      passwordDefined: false,
    });
    expect((await kakaoUserAuth.getExistingUser())?.userId).toBe(userId);
  });

  test.each(both)("%s: an outage of the database is not 'no such user'", async (_, provider) => {
    const { adapter } = inMemoryAdapter();
    const auth = lucia({
      env: "PROD",
      adapter: (LuciaError) => ({
        ...adapter(LuciaError),
        getKey: () => Promise.reject(new Error("D1_ERROR: Network connection lost")),
      }),
    });
    answerLogin({ user: USER_ANSWER });
    const kakaoUserAuth = await provider(auth, CONFIG).validateCallback("the-code");
    await expect(kakaoUserAuth.getExistingUser()).rejects.toThrow("Network connection lost");
  });

  test("a user whom the published provider made is found by ours, and the other way round", async () => {
    for (const [maker, finder] of [[publishedKakao, kakao] as const, [kakao, publishedKakao] as const]) {
      const { auth } = newAuth();
      const { userId } = await (await userAuthOf(maker, auth)).createUser({ attributes: USER_ATTRIBUTES });
      expect((await (await userAuthOf(finder, auth)).getExistingUser())?.userId).toBe(userId);
    }
  });
});

const withRedirectUri = async (request: Request): Promise<Request> => {
  if (new URL(request.url).pathname !== "/oauth/token") return request;
  const form = new URLSearchParams(await request.text());
  form.set("redirect_uri", CONFIG.redirectUri);
  return new Request(request.url, { method: "POST", headers: request.headers, body: form.toString() });
};
