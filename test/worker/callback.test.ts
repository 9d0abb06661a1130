import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { callsToKakao, expectError, logLine, NAVIGATION, SESSION_COOKIE, setCookieOf } from "./support/answers.ts";
import { attemptCookies, resealAttempt } from "./support/attempt.ts";
import { newBrowser } from "./support/browser.ts";
import { countRows, withoutTable } from "./support/database.ts";
import { expectFailure, QUERY } from "./support/failed-login.ts";
import { startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
beforeEach(() => {
  worker.kakao.calls.length = 0;
  worker.clearLogs();
});
afterAll(() => worker.close());

/** A person who is back from Kakao, the callback not yet followed. */
const backFromKakao = async () => {
  const browser = newBrowser(worker);
  const callback = await browser.visitKakao({ query: QUERY });
  const [[name, sealed] = ["", ""]] = attemptCookies(browser);
  const state = callback.searchParams.get("state") ?? "";
  const [path, query] = [callback.pathname + callback.search, callback.search.slice(1)];
  return { browser, path, query, state, code: callback.searchParams.get("code") ?? "", name, sealed };
};
type Back = Awaited<ReturnType<typeof backFromKakao>>;

const flip = (text: string, at: number): string => {
  const index = at < 0 ? text.length + at : at;
  return text.slice(0, index) + (text[index] === "A" ? "B" : "A") + text.slice(index + 1);
};

const FORGED: [what: string, forge: (back: Back, other: Back) => Promise<string | null> | string | null][] = [
  ["without any cookie (CWE-352)", () => null],
  ["in a browser with a login of its own", (_back, other) => `${other.name}=${other.sealed}`],
  ["with the cookie of another attempt under this one's name", (back, other) => `${back.name}=${other.sealed}`],
  ["with an empty cookie", (back) => `${back.name}=`],
  ["with a cookie cut short", (back) => `${back.name}=${back.sealed.slice(0, -4)}`],
  ["with a cookie of one byte", (back) => `${back.name}=AA`],
  ["with a cookie that is no base64url", (back) => `${back.name}=%00${back.sealed.slice(3)}`],
  ["with the first byte of the cookie changed", (back) => `${back.name}=${flip(back.sealed, 0)}`],
  ["with a byte in the middle changed", (back) => `${back.name}=${flip(back.sealed, 200)}`],
  ["with the last bytes changed", (back) => `${back.name}=${flip(back.sealed, -3)}`],
  ["with the cookie's name in lower case", (back) => `${back.name.toLowerCase()}=${back.sealed}`],
  [
    "with an attempt sealed under an unknown key",
    async ({ name, sealed, state }) =>
      `${name}=${await resealAttempt(sealed, state, { secret: Buffer.alloc(32, "unknown").toString("base64url") })}`,
  ],
  [
    "with an attempt sealed for another state",
    async ({ name, sealed, state }) => `${name}=${await resealAttempt(sealed, state, { state: "another" })}`,
  ],
];

describe("a callback that this browser did not start", () => {
  it.each(FORGED)("is refused here, and Kakao is not asked: %s", async (_what, forge) => {
    const [back, other] = [await backFromKakao(), await backFromKakao()];
    worker.kakao.calls.length = 0;
    const cookie = await forge(back, other);
    const headers: Record<string, string> = cookie === null ? {} : { Cookie: cookie };
    const answer = await worker.fetch(back.path, { headers });
    await expectError(answer, 400, "invalid_callback");
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(answer.headers.get("Location")).toBeNull();
    expect(worker.kakao.calls).toEqual([]);
    // The login itself is not spoilt by it.
    expect((await back.browser.fetch(back.path)).headers.get("Location")).toBe(QUERY.redirect_to);
  });

  it("is a page with a way to start again, and its reference is in the log", async () => {
    const { path, code, state } = await backFromKakao();
    const answer = await worker.fetch(path, { headers: NAVIGATION });
    const page = await answer.text();
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([400, "text/html; charset=UTF-8"]);
    expect(page).toMatch(/<a class="button" href="\/"/);
    const { reference } = await logLine(worker, { event: "invalid_callback" });
    expect(page).toContain(reference);
    for (const secret of [code, state]) {
      expect(page).not.toContain(secret);
      expect(worker.logText()).not.toContain(secret);
    }
  });

  it.each([
    ["no parameters", () => ""],
    ["no state", ({ code }: Back) => `code=${code}`],
    ["an empty state", ({ code }: Back) => `code=${code}&state=`],
    ["a made-up state", ({ code }: Back) => `code=${code}&state=${"A".repeat(43)}`],
    ["a state cut short", ({ code, state }: Back) => `code=${code}&state=${state.slice(1)}`],
    ["a state and more", ({ code, state }: Back) => `code=${code}&state=${state}A`],
    ["a state with a line break", ({ code, state }: Back) => `code=${code}&state=${state}%0A`],
    ["one character of the state changed", ({ code, state }: Back) => `code=${code}&state=${flip(state, 0)}`],
  ])("is one with %s as well, its own cookie notwithstanding", async (_what, query) => {
    const back = await backFromKakao();
    worker.kakao.calls.length = 0;
    const answer = await back.browser.fetch(`/login/kakao/callback?${query(back)}`);
    await expectError(answer, 400, "invalid_callback");
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(worker.kakao.calls).toEqual([]);
  });
});

describe("a callback with a parameter sent twice (CWE-235)", () => {
  it.each([
    ["code", ({ query }: Back) => `${query}&code=another`],
    ["code", ({ query, code }: Back) => `${query}&code=${code}`],
    ["code", ({ query }: Back) => `${query}&c%6fde=`],
    ["state", ({ query, state }: Back) => `${query}&state=${state}`],
    ["state", ({ query }: Back) => `state=another&${query}`],
    ["error", ({ state }: Back) => `state=${state}&error=access_denied&error=access_denied`],
    ["error_description", ({ query }: Back) => `${query}&error_description=a&error_description=b`],
  ])("%s is refused, and Kakao is not asked", async (name, query) => {
    const back = await backFromKakao();
    worker.kakao.calls.length = 0;
    const answer = await back.browser.fetch(`/login/kakao/callback?${query(back)}`);
    expect(await expectError(answer, 400, "invalid_request")).toMatch(new RegExp(`^${name} `));
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(worker.kakao.calls).toEqual([]);
  });
});

describe("a callback that comes late", () => {
  const startedAgo = async ({ name, sealed, state }: Back, milliseconds: number) =>
    `${name}=${await resealAttempt(sealed, state, { startedAt: Date.now() - milliseconds })}`;
  const MINUTE = 60 * 1000;

  it("after ten minutes is login_expired, and Kakao is not asked", async () => {
    const back = await backFromKakao();
    worker.kakao.calls.length = 0;
    const headers = { Cookie: await startedAgo(back, 10 * MINUTE + 1000) };
    await expectFailure(back.browser, await back.browser.fetch(back.path, { headers }), "login_expired");
    expect(worker.kakao.calls).toEqual([]);
    await logLine(worker, { event: "login_ended", outcome: "login_expired" });
  });

  it("by nine and a half minutes still signs in", async () => {
    const back = await backFromKakao();
    const answer = await back.browser.fetch(back.path, { headers: { Cookie: await startedAgo(back, 9.5 * MINUTE) } });
    expect(answer.headers.get("Location")).toBe(QUERY.redirect_to);
  });
});

describe("a callback while D1 is down", () => {
  it("is a 503 that burns nothing: the cookie stays, and trying again signs in", async () => {
    const { browser, path } = await backFromKakao();
    worker.kakao.calls.length = 0;
    const cookies = browser.cookieHeader();
    const down = await withoutTable(worker.db, "login_attempt", () => browser.fetch(path));
    await expectError(down, 503, "temporarily_unavailable");
    expect(down.headers.get("Retry-After")).toMatch(/^\d+$/);
    expect(down.headers.getSetCookie()).toEqual([]);
    expect(browser.cookieHeader()).toBe(cookies);
    expect(callsToKakao(worker)).toEqual([]);
    expect((await browser.fetch(path)).headers.get("Location")).toBe(QUERY.redirect_to);
  });

  it("shows a person a page whose link tries the same callback again", async () => {
    const { browser, path } = await backFromKakao();
    const down = await withoutTable(worker.db, "login_attempt", () => browser.fetch(path, { headers: NAVIGATION }));
    const page = await down.text();
    expect(down.status).toBe(503);
    const href = /<a class="button" href="([^"]+)"/.exec(page)?.[1]?.replaceAll("&amp;", "&");
    expect(href).toBe(path);
  });

  it("between the exchange and the session tells the front end, and leaves no half of a user", async () => {
    const { browser, path } = await backFromKakao();
    const users = await countRows(worker.db, "user");
    const answer = await withoutTable(worker.db, "kakao_token", () => browser.fetch(path));
    expect(answer.status).toBe(302);
    expect(new URL(answer.headers.get("Location") ?? "").searchParams.get("error")).toBe("login_failed");
    expect(setCookieOf(answer, SESSION_COOKIE)).toBeNull();
    expect(await countRows(worker.db, "user")).toBe(users);
    await logLine(worker, { level: "error", event: "login_not_stored" });
  });
});
