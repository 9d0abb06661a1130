import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectError, logLine, NAVIGATION, SESSION_COOKIE } from "./support/answers.ts";
import { newBrowser } from "./support/browser.ts";
import { withoutTable } from "./support/database.ts";
import { startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.close());

const NOBODY = { user: null, session: null };
const SOMEBODY = { user: { id: expect.any(String) }, session: { id: expect.any(String) } };

const signIn = async () => {
  const browser = newBrowser(worker);
  await browser.login();
  return { browser, token: browser.cookies.get(SESSION_COOKIE) ?? "" };
};
const check = (headers: Record<string, string>, path = "/session") => worker.fetch(path, { headers });
const cookie = (token: string) => ({ Cookie: `${SESSION_COOKIE}=${token}` });

describe.each(["user_session", "user"])("while D1 cannot read %s", (table) => {
  it("GET /session is a 503 that leaves the cookie alone, and afterwards all is as before", async () => {
    const { token } = await signIn();
    worker.clearLogs();
    const down = await withoutTable(worker.db, table, () => check(cookie(token)));
    await expectError(down, 503, "temporarily_unavailable");
    expect(down.headers.get("Retry-After")).toMatch(/^\d+$/);
    expect(down.headers.getSetCookie()).toEqual([]);
    const line = await logLine(worker, { event: "temporarily_unavailable", level: "error" });
    expect(JSON.stringify(line)).toContain("no such table");
    expect(worker.logText()).not.toContain(token);
    expect(await (await check(cookie(token))).json()).toMatchObject(SOMEBODY);
  });

  it("GET /session/verify is a 503, never a 401 that would sign people out", async () => {
    const { token } = await signIn();
    const down = await withoutTable(worker.db, table, () => check(cookie(token), "/session/verify"));
    expect([down.status, await down.text()]).toEqual([503, ""]);
    expect(down.headers.get("Retry-After")).toMatch(/^\d+$/);
    expect(down.headers.getSetCookie()).toEqual([]);
  });

  it("nobody is still nobody, since that needs no database", async () => {
    const answer = await withoutTable(worker.db, table, () => check({}));
    expect(await answer.json()).toEqual(NOBODY);
  });
});

describe("GET /session/verify", () => {
  it("answers a proxy with a status and two headers", async () => {
    const { browser, token } = await signIn();
    const { user, session } = await browser.session();
    const answer = await check(cookie(token), "/session/verify");
    expect(answer.status).toBe(204);
    expect(answer.headers.get("X-Auth-User-Id")).toBe(user?.id);
    expect(answer.headers.get("X-Auth-Session-Id")).toBe(session?.id);
  });

  it("is a 401 for nobody, whatever names the caller sends along", async () => {
    const answer = await check({ "X-Auth-User-Id": "admin", "X-Auth-Session-Id": "x" }, "/session/verify");
    expect([answer.status, answer.headers.get("X-Auth-User-Id")]).toEqual([401, null]);
  });

  it.each(["GET", "HEAD", "POST", "DELETE", "PUT"])("never has a body, for a person neither: %s", async (method) => {
    const answer = await worker.fetch("/session/verify", { method, headers: NAVIGATION });
    expect(await answer.text()).toBe("");
    expect(answer.status).toBe(method === "GET" || method === "HEAD" ? 401 : 405);
  });
});
