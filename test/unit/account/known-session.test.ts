import { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { prepareHeaders, showKnownSession, verifyKnownSession } from "../../../src/account/known-session.ts";
import { app } from "../../../src/app.ts";
import { readConfig } from "../../../src/config.ts";
import type { AppEnv } from "../../../src/context.ts";
import { HOUR, LAG, storeSession, TOKEN } from "../session/check/isolate.ts";
import { createSqliteD1, type SqliteD1 } from "../session/check/sqlite-d1.ts";

const SHOP = "https://app.shop.test";
const VARIABLES = {
  AUTH_ORIGIN: "https://auth.shop.test",
  FRONTEND_ORIGINS: `${SHOP} https://*.previews.shop.test`,
  KAKAO_CLIENT_ID: "0123456789abcdef0123456789abcdef",
  KAKAO_CLIENT_SECRET: "the-client-secret",
  AUTH_SECRET: Buffer.alloc(32, "k1").toString("base64url"),
};

let database: SqliteD1;
let env: AppEnv["Bindings"];
let background: Promise<unknown>[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  database = createSqliteD1();
  env = { ...VARIABLES, DB: database.d1 } as unknown as AppEnv["Bindings"];
  background = [];
  storeSession(database, { lifetime: HOUR });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const execution = { waitUntil: (work: Promise<unknown>) => background.push(work), passThroughOnException: () => {} };

/** Asks the whole Worker, or what stands in for it. */
const ask = async (path: string, cookie: string, worker: Pick<typeof app, "fetch"> = app): Promise<Response> => {
  const request = new Request(`https://auth.shop.test${path}`, { headers: { Cookie: cookie, Origin: SHOP } });
  const answer = await worker.fetch(request, env, { ...execution, props: {} } as never);
  await Promise.all(background);
  return answer;
};

/** The cookies of a browser whose session the isolate has checked, proof included. */
const knownCookies = async (): Promise<string> => {
  const [line = ""] = (await ask("/session", `__Host-session=${TOKEN}`)).headers.getSetCookie();
  const proof = /^__Host-proof=([^;]+)/.exec(line)?.[1] ?? "";
  expect(proof).not.toBe("");
  return `__Host-session=${TOKEN}; __Host-proof=${proof}`;
};

describe.each([
  ["/session", showKnownSession],
  ["/session/verify", verifyKnownSession],
] as const)("GET %s", (path, handler) => {
  test("is asked for before any middleware", () => {
    const order = app.routes.map((route) => (route.method === "GET" && route.path === path ? "answer" : route.path));
    expect(app.routes[order.indexOf("answer")]?.handler).toBe(handler);
    expect(order.indexOf("answer")).toBeLessThan(order.indexOf("/*"));
  });

  test("of a known session is answered there and then, and goes on only when the feed is old", async () => {
    const longWay = vi.fn(() => new Response("the long way"));
    const short = new Hono<AppEnv>().get(path, handler, longWay);
    const cookies = await knownCookies();
    expect((await ask(path, cookies, short)).ok).toBe(true);
    expect(longWay).not.toHaveBeenCalled();
    vi.setSystemTime(Date.now() + LAG);
    await ask(path, cookies, short);
    expect(longWay).toHaveBeenCalledOnce();
  });

  test.each([
    ["nobody", ""],
    ["a stranger", `__Host-session=${"s".repeat(43)}; __Host-proof=x.y`],
    ["a cookie of another form", "__Host-session=x"],
  ])("of %s goes on", async (_who, cookies) => {
    const longWay = vi.fn(() => new Response("the long way"));
    const short = new Hono<AppEnv>().get(path, handler, longWay);
    await knownCookies();
    await ask(path, cookies, short);
    expect(longWay).toHaveBeenCalledOnce();
  });

  test("has the feed read behind the answer before it is old, so that the next one is short too", async () => {
    const longWay = vi.fn(() => new Response("the long way"));
    const short = new Hono<AppEnv>().get(path, handler, longWay);
    const cookies = await knownCookies();
    const before = database.trips;
    for (let turn = 0; turn < 3; turn += 1) {
      vi.setSystemTime(Date.now() + LAG * 0.8);
      expect((await ask(path, cookies, short)).ok).toBe(true);
    }
    expect([longWay.mock.calls.length, database.trips - before]).toEqual([0, 3]);
  });

  test.each([
    ["good", (cookies: string) => cookies],
    ["forged", (cookies: string) => `${cookies.slice(0, -43)}${"A".repeat(43)}`],
  ])("verifies a %s proof once, also when it then has to ask D1", async (_what, change) => {
    const cookies = change(await knownCookies());
    env = { ...env };
    const verify = vi.spyOn(crypto.subtle, "verify");
    const before = database.trips;
    expect((await ask(path, cookies)).ok).toBe(true);
    expect([verify.mock.calls.length, database.trips - before]).toEqual([1, 1]);
  });
});

test("a defect before the middleware is a 500 like any other: headers, a log line, nothing of it in the answer", async () => {
  const lines = vi.spyOn(console, "error").mockImplementation(() => {});
  env = new Proxy(env, {
    ownKeys: () => {
      throw new TypeError("a secret detail");
    },
  });
  const answer = await ask("/session", `__Host-session=${TOKEN}`);
  expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([500, "no-store"]);
  expect(await answer.text()).not.toContain("secret detail");
  expect(JSON.stringify(lines.mock.calls)).toContain("server_error");
});

describe("headers made in advance", () => {
  const configured = readConfig({ ...VARIABLES, DB: createSqliteD1().d1 });
  if ("problems" in configured) throw new Error("a test needs a good configuration");
  const { config } = configured;

  test("are kept for front ends, never for strangers (CWE-770), who get none of them", () => {
    const headersFor = prepareHeaders({ headers: () => [] });
    for (const origin of [null, SHOP, "https://one.previews.shop.test"]) {
      expect(headersFor(config, origin, "memory")).toBe(headersFor(config, origin, "memory"));
    }
    for (const origin of ["https://evil.test", "null", "https://a.b.previews.shop.test"]) {
      const headers = headersFor(config, origin, "memory");
      expect(headers).not.toBe(headersFor(config, origin, "memory"));
      expect(headers.get("Access-Control-Allow-Origin")).toBeNull();
    }
  });

  test("are kept for a bounded number of previews", () => {
    const headersFor = prepareHeaders({ headers: () => [] });
    const origins = Array.from({ length: 600 }, (_, n) => `https://p${n}.previews.shop.test`);
    const made = origins.map((origin) => headersFor(config, origin, "proof"));
    const kept = origins.filter((origin, n) => headersFor(config, origin, "proof") === made[n]);
    expect(kept.length).toBe(500);
    expect(made[599]?.get("Access-Control-Allow-Origin")).toBe(origins[599]);
  });
});
