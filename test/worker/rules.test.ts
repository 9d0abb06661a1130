import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { expectError, NAVIGATION } from "./support/answers.ts";
import { newBrowser } from "./support/browser.ts";
import { dumpDatabase, withoutTable } from "./support/database.ts";
import { AUTH, SHOP, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
beforeEach(() => {
  worker.kakao.calls.length = 0;
});
afterAll(() => worker.close());

/** One request for every kind of answer. */
const ANSWERS: [method: string, path: string, status: number, headers?: Record<string, string>][] = [
  ["GET", "/", 200],
  ["GET", "/?redirect_to=https://evil.test/", 400],
  ["GET", "/login/kakao", 302],
  ["GET", "/login/kakao?prompt=x", 400],
  ["GET", "/login/kakao/callback", 400],
  ["GET", "/session", 200],
  ["GET", "/session/verify", 401],
  ["GET", "/sessions", 401],
  ["DELETE", "/sessions", 401],
  ["DELETE", "/sessions/x", 401],
  ["GET", "/logout", 200],
  ["POST", "/logout", 204],
  ["POST", "/logout", 403, { Origin: "https://evil.test" }],
  ["GET", "/health", 200],
  ["GET", "/nowhere", 404],
  ["POST", "/session", 405],
  ["OPTIONS", "/session", 204, { Origin: SHOP, "Access-Control-Request-Method": "GET" }],
  ["OPTIONS", "/session", 405],
];

const expectSafeHeaders = (answer: Response): void => {
  const { headers } = answer;
  expect(headers.get("Cache-Control")).toBe("no-store");
  expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
  expect(headers.get("Referrer-Policy")).toBe("no-referrer");
  const seconds = /^max-age=(\d+)/.exec(headers.get("Strict-Transport-Security") ?? "")?.[1];
  expect(Number(seconds)).toBeGreaterThanOrEqual(31_536_000);
  const policy = (headers.get("Content-Security-Policy") ?? "").split(/; */);
  expect(policy).toEqual(expect.arrayContaining(["default-src 'none'", "frame-ancestors 'none'"]));
  expect(policy.join()).not.toMatch(/unsafe|\*|script-src/);
};

describe.each(ANSWERS)("%s %s (%i)", (method, path, status, headers = {}) => {
  it.each([
    ["program", {}],
    ["person", NAVIGATION],
  ])("is neither stored, sniffed, framed nor sent as a referrer for a %s", async (_who, asked) => {
    const answer = await worker.fetch(path, { method, headers: { ...headers, ...asked } });
    expect(answer.status).toBe(status);
    expectSafeHeaders(answer);
    expect(answer.headers.get("Server")).toBeNull();
    expect(answer.headers.get("X-Powered-By")).toBeNull();
  });
});

describe("the same headers are on", () => {
  it("a finished login, a failed one, a logout that leads away, and an outage", async () => {
    const [browser, other] = [newBrowser(worker), newBrowser(worker)];
    const answers = [await browser.login()];
    const state = (await other.start()).searchParams.get("state");
    answers.push(await other.fetch(`/login/kakao/callback?error=access_denied&state=${state}`));
    answers.push(await withoutTable(worker.db, "user_session", () => browser.fetch("/session")));
    const body = new URLSearchParams({ redirect_to: `${SHOP}/` });
    answers.push(await browser.fetch("/logout", { method: "POST", headers: { Origin: SHOP }, body }));
    expect(answers.map(({ status }) => status)).toEqual([302, 302, 503, 302]);
    for (const answer of answers) expectSafeHeaders(answer);
  });
});

describe("HEAD", () => {
  it.each(["/", "/login/kakao", "/session", "/logout", "/health", "/session/verify"])(
    "%s has no body, no cookie and no effect (RFC 9110 section 9.3.2)",
    async (path) => {
      const before = await dumpDatabase(worker.db);
      const answer = await worker.fetch(path, { method: "HEAD" });
      expect([await answer.text(), answer.headers.getSetCookie()]).toEqual(["", []]);
      expect(answer.status).toBeLessThan(500);
      expect(worker.kakao.calls).toEqual([]);
      expect(await dumpDatabase(worker.db)).toBe(before);
      expectSafeHeaders(answer);
    },
  );

  it("of a callback, as a link scanner sends it, burns neither the code nor the attempt", async () => {
    const browser = newBrowser(worker);
    const callback = await browser.visitKakao();
    worker.kakao.calls.length = 0;
    const before = await dumpDatabase(worker.db);
    const answer = await browser.fetch(callback.pathname + callback.search, { method: "HEAD" });
    expect([answer.headers.getSetCookie(), answer.headers.get("Location")]).toEqual([[], null]);
    expect(worker.kakao.calls).toEqual([]);
    expect(await dumpDatabase(worker.db)).toBe(before);
    const get = await browser.fetch(callback.pathname + callback.search);
    expect(get.headers.get("Location")).toBe(`${SHOP}/welcome`);
  });
});

describe("an unknown path", () => {
  it.each([
    "/nowhere",
    "/Session",
    "/session/",
    "/session/verify/",
    "//session",
    "/login",
    "/login/kakao/",
    "/login/kakao/callback/x",
    "/login/naver",
    "/sessions/x/y",
    "/.env",
    "/..%2f..%2fetc%2fpasswd",
    "/%00",
    "/%ff",
    "/index.ts",
  ])("%s is a 404", async (path) => {
    await expectError(await worker.fetch(AUTH + path), 404, "not_found");
  });
});

describe("a wrong method", () => {
  it.each([
    ["POST", "/", ["GET"]],
    ["POST", "/login/kakao", ["GET"]],
    ["POST", "/login/kakao/callback", ["GET"]],
    ["POST", "/session", ["GET"]],
    ["DELETE", "/session", ["GET"]],
    ["PUT", "/sessions", ["GET", "DELETE"]],
    ["GET", "/sessions/x", ["DELETE"]],
    ["DELETE", "/logout", ["GET", "POST"]],
    ["PATCH", "/health", ["GET"]],
  ])("%s %s is a 405 that says what is allowed (RFC 9110 section 15.5.6)", async (method, path, allowed) => {
    const answer = await worker.fetch(path, { method });
    const allow = (answer.headers.get("Allow") ?? "").split(/, */);
    await expectError(answer, 405, "method_not_allowed");
    expect(allow.filter((name) => name !== "HEAD" && name !== "OPTIONS").toSorted()).toEqual(allowed.toSorted());
  });
});

describe("GET /health", () => {
  it("says ok with the version, and 503 when D1 does not answer", async () => {
    expect(await (await worker.fetch("/health")).json()).toEqual({
      status: "ok",
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    const down = await withoutTable(worker.db, "user_session", () => worker.fetch("/health"));
    await expectError(down, 503, "temporarily_unavailable");
  });
});
