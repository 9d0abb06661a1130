import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NINETEEN_DIGITS } from "../simulator/index.ts";
import { callsToKakao, SESSION_COOKIE, setCookieOf } from "./support/answers.ts";
import { newBrowser, type TestBrowser } from "./support/browser.ts";
import { changeSession } from "./support/database.ts";
import { exchange, loginWithHandoff } from "./support/handoff.ts";
import { ROUND_TRIPS } from "./support/round-trips.ts";
import { SHOP, startWorker, type TestWorker } from "./support/worker.ts";
import { COUNTING_ENTRY, writeWranglerConfig } from "./support/wrangler-config.ts";

let worker: TestWorker;
let config: Awaited<ReturnType<typeof writeWranglerConfig>>;
beforeAll(async () => {
  config = await writeWranglerConfig({ main: COUNTING_ENTRY });
  worker = await startWorker({ configPath: config.configPath });
});
beforeEach(() => {
  worker.kakao.calls.length = 0;
});
afterAll(async () => {
  await worker?.close();
  await config.remove();
});

const trips = (answer: Response): number => Number(answer.headers.get(ROUND_TRIPS) ?? "NaN");
const signIn = async (): Promise<TestBrowser> => {
  const browser = newBrowser(worker);
  await browser.login();
  return browser;
};

describe("outbound calls to Kakao", () => {
  it("are two a login, and one more for the keys of this isolate", async () => {
    await signIn();
    expect(callsToKakao(worker).toSorted()).toEqual(["/.well-known/jwks.json", "/oauth/token", "/v2/user/me"]);
    worker.kakao.calls.length = 0;
    await signIn();
    expect(callsToKakao(worker)).toEqual(["/oauth/token", "/v2/user/me"]);
  });
});

describe("round trips to D1", () => {
  it("are none at the login start", async () => {
    expect(trips(await worker.fetch(`/login/kakao?redirect_to=${SHOP}`))).toBe(0);
    expect(trips(await worker.fetch("/login/kakao?redirect_to=https://evil.test"))).toBe(0);
  });

  it("are two in the callback of a new user, and of a known one", async () => {
    for (const _login of ["first", "second"]) {
      const answer = await newBrowser(worker).login({ person: NINETEEN_DIGITS });
      expect(answer.headers.get("Location")).toBe(`${SHOP}/welcome`);
      expect(trips(answer)).toBeGreaterThan(0);
      expect(trips(answer)).toBe(2);
    }
  });

  it("are two at most in a callback that fails at Kakao, and none in a forged one", async () => {
    worker.kakao.faults.set("token", { kind: "status", status: 500 }, 1);
    expect(trips(await newBrowser(worker).login())).toBeLessThanOrEqual(2);
    expect(trips(await worker.fetch(`/login/kakao/callback?code=x&state=${"A".repeat(43)}`))).toBe(0);
  });

  it("are one in a session check, renewal included", async () => {
    const browser = await signIn();
    expect(trips(await browser.fetch("/session"))).toBe(1);
    const token = browser.cookies.get(SESSION_COOKIE) ?? "";
    await changeSession(worker.db, token, { active_expires: Date.now() - 1000 });
    const renewing = await browser.fetch("/session");
    expect(setCookieOf(renewing, SESSION_COOKIE)).not.toBeNull();
    expect(trips(renewing)).toBe(1);
    expect(trips(await browser.fetch("/session/verify"))).toBe(1);
  });

  it.each([
    ["nobody", {}],
    ["another cookie", { Cookie: "theme=dark" }],
    ["an empty cookie", { Cookie: `${SESSION_COOKIE}=` }],
    ["a cookie of the wrong form", { Cookie: `${SESSION_COOKIE}=garbage` }],
    ["two cookies", { Cookie: `${SESSION_COOKIE}=${"A".repeat(43)}; ${SESSION_COOKIE}=${"B".repeat(43)}` }],
    ["a bearer of the wrong form", { Authorization: "Bearer garbage" }],
  ] as [string, Record<string, string>][])("are none for %s", async (_who, headers) => {
    for (const path of ["/session", "/session/verify", "/sessions"]) {
      expect(trips(await worker.fetch(path, { headers }))).toBe(0);
    }
  });

  it.each([
    ["a preflight", "OPTIONS", "/session", { Origin: SHOP, "Access-Control-Request-Method": "GET" }],
    ["a refused origin", "POST", "/logout", { Origin: "https://evil.test", Cookie: "a=b" }],
    ["the login page", "GET", "/", {}],
    ["a question", "GET", "/logout", {}],
    ["an unknown path", "GET", "/nowhere", {}],
    ["a wrong method", "PUT", "/session", {}],
    ["a HEAD of the callback", "HEAD", "/login/kakao/callback", {}],
  ] as [string, string, string, Record<string, string>][])("are none for %s", async (_what, method, path, headers) => {
    expect(trips(await worker.fetch(path, { method, headers }))).toBe(0);
  });

  it.each([
    ["a cookie", { Origin: SHOP, Cookie: `${SESSION_COOKIE}=garbage` }],
    ["a bearer", { Authorization: "Bearer garbage" }],
  ] as [string, Record<string, string>][])(
    "are none for a logout with %s of the wrong form",
    async (_what, headers) => {
      expect(trips(await worker.fetch("/logout", { method: "POST", headers }))).toBe(0);
    },
  );

  it.each(["cookie", "bearer"])(
    "are one in an exchange for a %s, the answer's user and session included",
    async (transport) => {
      const { code, verifier } = await loginWithHandoff(newBrowser(worker));
      const answer = await exchange(worker, { code, code_verifier: verifier, transport });
      expect([answer.status, trips(answer)]).toEqual([200, 1]);
      const again = await exchange(worker, { code, code_verifier: verifier, transport });
      expect([again.status, trips(again)]).toEqual([400, 1]);
    },
  );

  it("are one more than the check for what a person does with their logins", async () => {
    const browser = await signIn();
    const headers = { Origin: SHOP };
    expect(trips(await browser.fetch("/sessions"))).toBe(2);
    expect(trips(await browser.fetch("/sessions", { method: "DELETE", headers }))).toBe(2);
    expect(trips(await browser.fetch("/logout", { method: "POST", headers }))).toBe(1);
  });
});
