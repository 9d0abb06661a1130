import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FULL_PROFILE } from "../simulator/index.ts";
import { attributesOf, expectError, setCookieOf } from "./support/answers.ts";
import { attemptCookies, resealAttempt } from "./support/attempt.ts";
import { newBrowser } from "./support/browser.ts";
import { changeSession } from "./support/database.ts";
import { AUTH, SECRETS, startWorker, type TestWorker } from "./support/worker.ts";

const NEW_SECRET = Buffer.alloc(32, "k2").toString("base64url");
const COOKIE = "__Secure-session";
const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

/** A deployment that uses what an operator may set beyond the required variables. */
let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker({
    vars: {
      FRONTEND_ORIGINS: "https://app.shop.test,https://*.shop.test\n https://app.shop.test",
      DEFAULT_RETURN_URL: "https://www.shop.test/start?from=login#top",
      KAKAO_SCOPE: "account_email profile_nickname",
      COOKIE_DOMAIN: "shop.test",
      SESSION_ACTIVE_HOURS: "1",
      SESSION_IDLE_DAYS: "2",
      SESSION_ABSOLUTE_DAYS: "1",
    },
    secrets: { AUTH_SECRET: `${NEW_SECRET},${SECRETS.AUTH_SECRET}` },
  });
});
afterAll(() => worker.close());

describe("KAKAO_SCOPE", () => {
  it.each([
    [{}, "account_email,profile_nickname"],
    [{ scope: "friends" }, "account_email,profile_nickname,friends"],
    [{ scope: "friends,account_email" }, "account_email,profile_nickname,friends"],
  ])("is asked for at every login, the link's own beside it: %o", async (query, scope) => {
    expect((await newBrowser(worker).start(query)).searchParams.get("scope")).toBe(scope);
  });

  it("without openid means that Kakao sends no id_token, and people log in all the same", async () => {
    const browser = newBrowser(worker);
    await browser.login({ query: {} });
    expect((await browser.session()).user).toMatchObject({ kakaoId: FULL_PROFILE.id });
    expect(worker.kakao.calls.map(({ path }) => path)).not.toContain("/.well-known/jwks.json");
  });
});

describe("DEFAULT_RETURN_URL", () => {
  it("is where a login goes that names no target", async () => {
    const answer = await newBrowser(worker).login({ query: {} });
    expect(answer.headers.get("Location")).toBe("https://www.shop.test/start?from=login#top");
  });
});

describe("a wildcard beside the auth host", () => {
  it("does not make the auth host a return target (CWE-601)", async () => {
    const answer = await worker.fetch(`/login/kakao?redirect_to=${encodeURIComponent(`${AUTH}/logout`)}`);
    expect(await expectError(answer, 400, "invalid_redirect_to")).toContain("(auth_host)");
  });

  it("covers its siblings, one label deep", async () => {
    const statuses = ["https://any.shop.test/", "https://a.b.shop.test/", "https://shop.test/"].map(
      async (target) => (await worker.fetch(`/login/kakao?redirect_to=${encodeURIComponent(target)}`)).status,
    );
    expect(await Promise.all(statuses)).toEqual([302, 400, 400]);
  });
});

describe("COOKIE_DOMAIN", () => {
  const ATTRIBUTES = { domain: "shop.test", path: "/", httponly: true, secure: true, samesite: "Lax" };

  it("makes the session cookie one that servers on sibling hosts see, and clears it in the same way", async () => {
    const browser = newBrowser(worker);
    const login = attributesOf(setCookieOf(await browser.login({ query: {} }), COOKIE));
    expect(login).toEqual({ ...ATTRIBUTES, "max-age": expect.any(String) });
    expect((await browser.session()).user).not.toBeNull();
    const logout = await browser.fetch("/logout", { method: "POST", headers: { Origin: AUTH } });
    expect(attributesOf(setCookieOf(logout, COOKIE))).toEqual({ ...ATTRIBUTES, "max-age": "0" });
  });

  it("leaves the attempt's cookie to the auth host alone", async () => {
    const browser = newBrowser(worker);
    await browser.start({});
    expect(attemptCookies(browser).map(([name]) => name.slice(0, 7))).toEqual(["__Host-"]);
  });

  it("believes no cookie of the name that a deployment without it uses", async () => {
    const browser = newBrowser(worker);
    await browser.login({ query: {} });
    const headers = { Cookie: `__Host-session=${browser.cookies.get(COOKIE)}` };
    expect(await browser.session({ headers })).toEqual({ user: null, session: null });
  });
});

describe("SESSION_…", () => {
  it("lifetimes hold from the login on: an absolute end before the idle one wins", async () => {
    const browser = newBrowser(worker);
    const answer = await browser.login({ query: {} });
    const { session } = await browser.session();
    expect(Date.parse(session?.expiresAt ?? "") - Date.parse(session?.createdAt ?? "")).toBe(DAY);
    expect(Number(attributesOf(setCookieOf(answer, COOKIE))["max-age"])).toBeLessThanOrEqual(DAY / 1000);
  });

  it("lifetimes hold at renewal", async () => {
    const browser = newBrowser(worker);
    await browser.login({ query: {} });
    const absolute_expires = Date.now() + 30 * DAY;
    const moved = { active_expires: Date.now() - 1, idle_expires: Date.now() + HOUR, absolute_expires };
    await changeSession(worker.db, browser.cookies.get(COOKIE) ?? "", moved);
    const { session } = await browser.session();
    expect(Date.parse(session?.expiresAt ?? "")).toBeCloseTo(Date.now() + HOUR + 2 * DAY, -4);
  });
});

describe("AUTH_SECRET with two keys", () => {
  it("seals with the first and still opens what the second sealed, so that rotation ends no login", async () => {
    const browser = newBrowser(worker);
    const callback = await browser.visitKakao({ query: {} });
    const [[name, sealed] = ["", ""]] = attemptCookies(browser);
    const state = callback.searchParams.get("state") ?? "";
    const older = await resealAttempt(sealed, state, { openWith: NEW_SECRET, secret: SECRETS.AUTH_SECRET });
    const headers = { Cookie: `${name}=${older}` };
    const answer = await browser.fetch(callback.pathname + callback.search, { headers });
    expect(setCookieOf(answer, COOKIE)).not.toBeNull();
  });
});
