import { Hono } from "hono";
import { type Configuration, type Cookie, lucia } from "lucia";
import { hono } from "lucia/middleware";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { inMemoryAdapter, SESSION_ATTRIBUTES, USER_ATTRIBUTES } from "./in-memory-adapter.ts";

// What lucia 2.7.7 does and we work around. A failing test here means: the package changed, look at the workaround.

const DAY = 24 * 60 * 60 * 1000;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 1), toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const newAuth = (config: Partial<Configuration> = {}) => {
  const { adapter, tables } = inMemoryAdapter();
  const auth = lucia({ adapter, env: "PROD", csrfProtection: false, ...config });
  const signIn = async () => {
    const { userId } = await auth.createUser({ key: null, attributes: USER_ATTRIBUTES });
    return auth.createSession({ userId, attributes: SESSION_ATTRIBUTES });
  };
  /** Lucia's own request handling, without any framework. */
  const request = (headers: Record<string, string>, method = "GET") => {
    const cookies: Cookie[] = [];
    const url = "https://auth.shop.co.kr/session";
    const authRequest = auth.handleRequest({
      request: { url, method, headers: new Headers(headers) },
      setCookie: (cookie) => cookies.push(cookie),
    });
    return { authRequest, cookies };
  };
  return { auth, tables, signIn, request };
};

describe("lucia/middleware on Hono 4", () => {
  test("throws, since its context has no req.headers", async () => {
    const auth = lucia({ adapter: inMemoryAdapter().adapter, env: "PROD", middleware: hono() });
    const app = new Hono();
    app.get("/", (c) => {
      auth.handleRequest(c as never);
      return c.text("");
    });
    app.onError((error, c) => c.text(error.name, 500));
    expect(await (await app.request("/")).text()).toBe("TypeError");
  });

  test("overwrites a cookie that was set before", async () => {
    const { auth, signIn } = newAuth();
    const session = await signIn();
    const app = new Hono();
    app.get("/", (c) => {
      c.header("Set-Cookie", "login=1");
      hono()({ args: [c as never], env: "PROD", sessionCookieName: "s" }).setCookie(auth.createSessionCookie(session));
      return c.text("");
    });
    expect((await app.request("/")).headers.getSetCookie()).toEqual([expect.stringMatching(/^auth_session=/)]);
  });
});

describe("AuthRequest", () => {
  test("validate() renews the row of an idle session but sends no cookie, so that the browser drops it", async () => {
    const { tables, signIn, request } = newAuth();
    const { sessionId } = await signIn();
    const before = tables.sessions.get(sessionId)?.idle_expires ?? 0;
    vi.setSystemTime(Date.now() + 2 * DAY);
    const { authRequest, cookies } = request({ Cookie: `auth_session=${sessionId}` });
    expect(await authRequest.validate()).toMatchObject({ sessionId, fresh: true });
    expect(tables.sessions.get(sessionId)?.idle_expires).toBe(before + 2 * DAY);
    expect(cookies).toEqual([]);
  });

  test("validateBearerToken() poisons a later validate()", async () => {
    const { signIn, request } = newAuth();
    const { sessionId } = await signIn();
    const { authRequest } = request({ Cookie: `auth_session=${sessionId}`, Authorization: "Bearer unknown" });
    expect(await authRequest.validateBearerToken()).toBeNull();
    expect(await authRequest.validate()).toBeNull();
    const fresh = request({ Cookie: `auth_session=${sessionId}`, Authorization: "Bearer unknown" });
    expect(await fresh.authRequest.validate()).toMatchObject({ sessionId });
  });

  test("a lower-case bearer is refused, although schemes have no case (RFC 9110 section 11.1)", () => {
    const { auth } = newAuth();
    expect(auth.readBearerToken("Bearer token")).toBe("token");
    expect(auth.readBearerToken("bearer token")).toBeNull();
  });

  test("Origin: null throws, which is a 500 (CWE-755)", () => {
    const { request } = newAuth({ csrfProtection: true });
    expect(() => request({ Origin: "null" }, "POST")).toThrow(TypeError);
  });

  test('allowedSubDomains "*" takes the last two labels for the site: evil.co.kr is let in (CWE-346)', async () => {
    const { signIn, request } = newAuth({ csrfProtection: { allowedSubDomains: "*" } });
    const { sessionId } = await signIn();
    const Cookie = `auth_session=${sessionId}`;
    expect(await request({ Cookie, Origin: "https://evil.co.kr" }, "POST").authRequest.validate()).not.toBeNull();
    expect(await request({ Cookie, Origin: "https://evil.test" }, "POST").authRequest.validate()).toBeNull();
  });
});

describe("session cookies", () => {
  const cookieOf = async (config: Partial<Configuration>) => {
    const { auth, signIn } = newAuth(config);
    return auth.createSessionCookie(await signIn()).serialize();
  };

  test("know no Partitioned", async () => {
    const attributes = { partitioned: true, path: "/" };
    expect(await cookieOf({ sessionCookie: { attributes } })).not.toMatch(/partitioned/i);
  });

  test("do not know what a prefix asks for: __Host- goes out with a Domain, and in DEV without Secure", async () => {
    const sessionCookie = { name: "__Host-session", attributes: { domain: "shop.test" } };
    const cookie = await cookieOf({ sessionCookie, env: "DEV" });
    expect(cookie).toMatch(/^__Host-session=.*Domain=shop\.test/);
    expect(cookie).not.toMatch(/Secure/);
  });
});
