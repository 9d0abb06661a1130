import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SESSION_COOKIE } from "./support/answers.ts";
import { newBrowser } from "./support/browser.ts";
import { withoutTable } from "./support/database.ts";
import { ALLOWED, FOREIGN } from "./support/origins.ts";
import { AUTH, SHOP, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.close());

/** The CORS headers of an answer, whatever they are called. */
const corsOf = (answer: Response) =>
  Object.fromEntries([...answer.headers].filter(([name]) => name.startsWith("access-control-")));
const PREFLIGHT = { "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type" };

/** Answers of every kind, errors among them. */
const ROUTES: [method: string, path: string, status: number][] = [
  ["GET", "/session", 200],
  ["GET", "/session/verify", 401],
  ["GET", "/sessions", 401],
  ["GET", "/health", 200],
  ["POST", "/logout", 204],
  ["GET", "/nowhere", 404],
  ["PUT", "/session", 405],
  ["GET", "/?prompt=x", 400],
];

describe.each(ALLOWED)("a front end at %s", (origin) => {
  it.each(ROUTES)("may read the answer to %s %s (%i)", async (method, path, status) => {
    const answer = await worker.fetch(path, { method, headers: { Origin: origin } });
    expect(answer.status).toBe(status);
    expect(corsOf(answer)).toEqual({
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
    });
    expect(answer.headers.get("Vary")).toMatch(/\bOrigin\b/);
  });

  it("may send credentials, JSON and a bearer after a preflight", async () => {
    const answer = await worker.fetch("/logout", { method: "OPTIONS", headers: { Origin: origin, ...PREFLIGHT } });
    expect(answer.status).toBe(204);
    const headers = corsOf(answer);
    expect(headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
    });
    expect(headers["access-control-allow-headers"]?.toLowerCase().split(/, */)).toEqual(
      expect.arrayContaining(["authorization", "content-type"]),
    );
    expect(headers["access-control-allow-methods"]?.split(/, */)).toEqual(expect.arrayContaining(["POST", "DELETE"]));
    expect(Object.values(headers)).not.toContain("*");
  });
});

describe("a page elsewhere (CWE-942)", () => {
  it.each(FOREIGN)("may read nothing: %s", async (_why, origin) => {
    for (const [method, path] of [...ROUTES, ["OPTIONS", "/session"] as const, ["OPTIONS", "/logout"] as const]) {
      const headers = { Origin: origin, ...(method === "OPTIONS" && PREFLIGHT) };
      const answer = await worker.fetch(path, { method, headers });
      expect(corsOf(answer)).toEqual({});
      expect(answer.headers.get("Vary")).toMatch(/\bOrigin\b/);
      await answer.body?.cancel();
    }
  });

  it("may not even when it claims to be the auth host itself, which needs no CORS", async () => {
    expect(corsOf(await worker.fetch("/session", { headers: { Origin: AUTH } }))).toEqual({});
  });
});

describe("an answer that differs by origin", () => {
  it("says so to caches without an Origin as well", async () => {
    const answer = await worker.fetch("/session");
    expect([corsOf(answer), answer.headers.get("Vary")]).toEqual([{}, "Origin"]);
  });

  it("is readable for a front end when it is a 503 or a 403, too", async () => {
    const browser = newBrowser(worker);
    await browser.login();
    const down = await withoutTable(worker.db, "user_session", () =>
      browser.fetch("/session", { headers: { Origin: SHOP } }),
    );
    expect([down.status, corsOf(down)["access-control-allow-origin"]]).toEqual([503, SHOP]);
  });
});

describe("a preflight", () => {
  it("needs no database", async () => {
    const headers = { Origin: SHOP, ...PREFLIGHT, Cookie: `${SESSION_COOKIE}=${"A".repeat(43)}` };
    const answer = await withoutTable(worker.db, "user_session", () =>
      worker.fetch("/sessions", { method: "OPTIONS", headers }),
    );
    expect([answer.status, corsOf(answer)["access-control-allow-origin"]]).toEqual([204, SHOP]);
  });

  it("and OPTIONS without its headers is no preflight", async () => {
    const answer = await worker.fetch("/session", { method: "OPTIONS", headers: { Origin: SHOP } });
    expect([answer.status, answer.headers.get("Allow")]).toEqual([405, expect.stringContaining("GET")]);
  });
});

describe("a route that redirects", () => {
  it.each([
    ["the login start", "GET", "/login/kakao", 302],
    ["the login start, refused", "GET", "/login/kakao?redirect_to=x", 400],
    ["the callback, refused", "GET", "/login/kakao/callback", 400],
    ["a preflight of the login start", "OPTIONS", "/login/kakao", 405],
    ["a preflight of the callback", "OPTIONS", "/login/kakao/callback", 405],
  ])("carries no CORS for anybody: %s", async (_what, method, path, status) => {
    for (const origin of [SHOP, "https://evil.test"]) {
      const headers = { Origin: origin, ...(method === "OPTIONS" && PREFLIGHT) };
      const answer = await worker.fetch(path, { method, headers });
      expect([answer.status, corsOf(answer)]).toEqual([status, {}]);
    }
  });

  it("carries none when it is a callback that succeeds, or a logout that leads away", async () => {
    const browser = newBrowser(worker);
    const callback = await browser.visitKakao();
    const answer = await browser.fetch(callback.href.replace(AUTH, ""), { headers: { Origin: SHOP } });
    expect([answer.status, corsOf(answer)]).toEqual([302, {}]);
    const body = new URLSearchParams({ redirect_to: `${SHOP}/` });
    const logout = await browser.fetch("/logout", { method: "POST", headers: { Origin: SHOP }, body });
    expect([logout.status, corsOf(logout)]).toEqual([302, {}]);
  });
});
