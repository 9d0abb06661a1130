import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SESSION_COOKIE, setCookieOf } from "./support/answers.ts";
import { newBrowser } from "./support/browser.ts";
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

describe("GET /session", () => {
  it("is a good answer for nobody, and sets no cookie", async () => {
    const answer = await check({});
    expect([answer.status, await answer.json()]).toEqual([200, NOBODY]);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("knows the session by its cookie, among others, and sets none while it is active", async () => {
    const { token } = await signIn();
    const answer = await check({ Cookie: `a=b; ${SESSION_COOKIE}=${token}; __Host-session2=x; theme=dark` });
    expect(await answer.json()).toMatchObject(SOMEBODY);
    expect(setCookieOf(answer, SESSION_COOKIE)).toBeNull();
  });

  it.each(["Bearer", "bearer", "BEARER"])(
    "knows the session by a bearer whose scheme is written %s",
    async (scheme) => {
      const { token } = await signIn();
      const answer = await check({ Authorization: `${scheme} ${token}` });
      expect(await answer.json()).toMatchObject(SOMEBODY);
      expect(answer.headers.getSetCookie()).toEqual([]);
    },
  );

  it("holds nothing that could serve as a credential", async () => {
    const { token } = await signIn();
    const text = await (await check(cookie(token))).text();
    expect(text).not.toContain(token);
    const { session } = JSON.parse(text);
    for (const headers of [cookie(session.id), { Authorization: `Bearer ${session.id}` }]) {
      expect(await (await check(headers)).json()).toEqual(NOBODY);
    }
  });
});

describe("a bearer beside a cookie", () => {
  it("decides, being somebody else's", async () => {
    const [{ token: one }, { token: other }] = [await signIn(), await signIn()];
    const view = async (headers: Record<string, string>) => (await check(headers)).json();
    const both = { ...cookie(one), Authorization: `Bearer ${other}` };
    expect(await view(both)).toEqual(await view(cookie(other)));
    expect(await view(both)).not.toEqual(await view(cookie(one)));
  });

  it.each([
    ["unknown", `Bearer ${"A".repeat(43)}`],
    ["malformed", "Bearer x"],
    ["missing", "Bearer"],
    ["followed by something", `Bearer ${"A".repeat(43)} realm=x`],
    ["sent twice", `Bearer ${"A".repeat(43)}, Bearer ${"B".repeat(43)}`],
  ])("decides although its token is %s (RFC 6750 section 2.1)", async (_what, authorization) => {
    const { token } = await signIn();
    const headers = { ...cookie(token), Authorization: authorization };
    expect(await (await check(headers)).json()).toEqual(NOBODY);
    expect((await check(headers, "/session/verify")).status).toBe(401);
  });

  it("of another scheme is none of ours", async () => {
    const { token } = await signIn();
    const answer = await check({ ...cookie(token), Authorization: "Basic dXNlcjpwYXNz" });
    expect(await answer.json()).toMatchObject(SOMEBODY);
  });
});

describe("what is no session token", () => {
  it("planted beside the real one: neither is believed (CWE-384)", async () => {
    const [{ token }, { token: planted }] = [await signIn(), await signIn()];
    const pair = (value: string) => `${SESSION_COOKIE}=${value}`;
    for (const header of [`${pair(token)}; ${pair(planted)}`, `${pair(planted)}; ${pair(token)}`]) {
      expect(await (await check({ Cookie: header })).json()).toEqual(NOBODY);
    }
    expect(await (await check({ Cookie: `${pair(token)}; ${pair(token)}` })).json()).toMatchObject(SOMEBODY);
  });

  it.each([
    ["empty", ""],
    ["short", "abc"],
    ["of the right form but unknown", "A".repeat(43)],
    ["too long", "A".repeat(44)],
    ["endless", "A".repeat(4000)],
    ["SQL (CWE-89)", "' OR 1=1 --"],
    ["a wildcard", "%".repeat(43)],
    ["percent-encoded", `%41${"A".repeat(40)}`],
    ["quoted", `"${"A".repeat(41)}"`],
  ])("%s: nobody, no error, and the cookie is left alone", async (_what, token) => {
    const answer = await check(cookie(token));
    expect([answer.status, await answer.json()]).toEqual([200, NOBODY]);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it.each(["__Secure-session", "session", "__host-session", "__Host-Session", " __Host-session2"])(
    "a token in the cookie %j is nobody's",
    async (name) => {
      const { token } = await signIn();
      expect(await (await check({ Cookie: `${name}=${token}` })).json()).toEqual(NOBODY);
    },
  );

  it("the hash that rests in D1 signs nobody in (CWE-836)", async () => {
    await signIn();
    const row = await worker.db.prepare("SELECT id FROM user_session LIMIT 1").first<{ id: string }>();
    expect(await (await check(cookie(row?.id ?? ""))).json()).toEqual(NOBODY);
  });
});
