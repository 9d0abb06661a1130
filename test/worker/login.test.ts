import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FULL_PROFILE } from "../simulator/index.ts";
import { attributesOf, callsToKakao, SESSION_COOKIE, setCookieOf } from "./support/answers.ts";
import { newBrowser } from "./support/browser.ts";
import { dumpDatabase, hashAtRest } from "./support/database.ts";
import { AUTH, PARTNER, SECRETS, SHOP, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
beforeEach(() => {
  worker.kakao.faults.clear();
  worker.kakao.calls.length = 0;
  worker.clearLogs();
});
afterAll(() => worker.close());

const DAY = 24 * 60 * 60 * 1000;

describe("a login by a plain link", () => {
  it("leads to Kakao with state, nonce and an S256 challenge, and asks for no scope of its own", async () => {
    const kakao = await newBrowser(worker).start();
    expect(kakao.origin + kakao.pathname).toBe("https://kauth.kakao.com/oauth/authorize");
    const { state, nonce, code_challenge, ...rest } = Object.fromEntries(kakao.searchParams);
    expect(rest).toEqual({
      response_type: "code",
      client_id: "0123456789abcdef0123456789abcdef",
      redirect_uri: `${AUTH}/login/kakao/callback`,
      code_challenge_method: "S256",
    });
    for (const value of [state, nonce, code_challenge]) expect(value).toMatch(/^[\w-]{43}$/);
    expect(new Set([state, nonce, code_challenge]).size).toBe(3);
  });

  it("comes back to the front end with a session that says who it is", async () => {
    const browser = newBrowser(worker);
    const answer = await browser.login({ person: FULL_PROFILE });
    expect(answer.status).toBe(302);
    expect(answer.headers.get("Location")).toBe(`${SHOP}/welcome`);
    expect(await browser.session()).toEqual({
      user: {
        id: expect.stringMatching(/^[a-z0-9]{15}$/),
        kakaoId: FULL_PROFILE.id,
        nickname: FULL_PROFILE.account?.nickname,
        picture: FULL_PROFILE.account?.profileImageUrl.replace("http:", "https:"),
        email: FULL_PROFILE.account?.email?.address,
        emailVerified: true,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
      session: {
        id: expect.stringMatching(/^[\w-]{22}$/),
        createdAt: expect.any(String),
        expiresAt: expect.any(String),
      },
    });
  });

  it("sets a __Host- cookie that lasts as long as the session says", async () => {
    const browser = newBrowser(worker);
    const line = setCookieOf(await browser.login(), SESSION_COOKIE);
    const { "max-age": maxAge, ...attributes } = attributesOf(line);
    expect(attributes).toEqual({ path: "/", httponly: true, secure: true, samesite: "Lax" });
    const { session } = await browser.session();
    const [createdAt, expiresAt] = [session?.createdAt, session?.expiresAt].map((date) => Date.parse(date ?? ""));
    expect(expiresAt).toBeCloseTo(Date.now() + Number(maxAge) * 1000, -4);
    expect(expiresAt).toBeCloseTo((createdAt ?? 0) + 15 * DAY, -4);
  });

  it("hands the front end's own state back with errors alone", async () => {
    const query = { redirect_to: `${SHOP}/welcome`, state: "mine" };
    const answer = await newBrowser(worker).login({ query });
    expect(answer.headers.get("Location")).toBe(`${SHOP}/welcome`);
    const person = { ...FULL_PROFILE, id: "2604118701", loginId: "hesitant@example.com" };
    const refused = await newBrowser(worker).login({ query, person, cancel: true });
    expect(new URL(refused.headers.get("Location") ?? "").searchParams.get("state")).toBe("mine");
  });
});

describe("where a login ends", () => {
  it("is the first exact front end when the link names no target", async () => {
    const answer = await newBrowser(worker).login({ query: {} });
    expect(answer.headers.get("Location")).toBe(`${SHOP}/`);
  });

  it.each([
    `${SHOP}/welcome?next=%2Fcart%3Fid%3D1&tilde=%7E&plus=a+b&empty=&flag#part?not=a&query`,
    `${SHOP}/?code=of-their-own&state=of-their-own&error=of-their-own`,
    `${SHOP}/?constructor=1&toString=2&__proto__=3`,
    `${SHOP}/?a=1&a=2&&b;c=3`,
    `${SHOP}/%EC%83%81%EC%A0%90//double/%2F/x`,
    `${SHOP}/#https://evil.test/`,
    `${PARTNER}/`,
    "https://branch-7.previews.partner.test/preview?x=1#y",
    "http://localhost:5173/dev",
  ])("is %s byte for byte", async (target) => {
    const answer = await newBrowser(worker).login({ query: { redirect_to: target } });
    expect([answer.status, answer.headers.get("Location")]).toEqual([302, target]);
  });
});

describe("a login and its secrets", () => {
  it("leave no token, code, state or cookie in D1 in clear (CWE-312), nor in the log (CWE-532)", async () => {
    const issued: Record<string, string>[] = [];
    const kakaoFetch = worker.kakao.fetch;
    worker.kakao.fetch = async (request) => {
      const response = await kakaoFetch(request);
      if (new URL(request.url).pathname === "/oauth/token") issued.push(await response.clone().json());
      return response;
    };
    const browser = newBrowser(worker);
    const callback = await browser.visitKakao();
    const attemptCookies = [...browser.cookies.values()];
    await browser.fetch(callback.href.replace(AUTH, ""));
    worker.kakao.fetch = kakaoFetch;

    const [tokens] = issued;
    const token = browser.cookies.get(SESSION_COOKIE) ?? "";
    const secrets = [
      tokens?.access_token,
      tokens?.refresh_token,
      tokens?.id_token,
      callback.searchParams.get("code"),
      callback.searchParams.get("state"),
      token,
      SECRETS.AUTH_SECRET,
      SECRETS.KAKAO_CLIENT_SECRET,
      ...attemptCookies,
    ];
    const [atRest, logged] = [await dumpDatabase(worker.db), worker.logText()];
    expect(atRest).toContain(hashAtRest(token));
    expect(logged).toContain("signed_in");
    for (const secret of secrets) {
      expect(secret).toMatch(/^\S{20,}$/);
      expect(atRest).not.toContain(secret);
      expect(logged).not.toContain(secret);
    }
  });

  it("asks Kakao for the token and the user, once each", async () => {
    await newBrowser(worker).login();
    expect(callsToKakao(worker).filter((path) => path !== "/.well-known/jwks.json")).toEqual([
      "/oauth/token",
      "/v2/user/me",
    ]);
  });
});
