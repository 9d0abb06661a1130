import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FULL_PROFILE } from "../simulator/index.ts";
import { expectError, NAVIGATION, SESSION_COOKIE } from "./support/answers.ts";
import { newBrowser, type TestBrowser } from "./support/browser.ts";
import { changeSession, countRows, withoutTable } from "./support/database.ts";
import { check } from "./support/sessions.ts";
import { AUTH, SHOP, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.close());

let people = 0;
const newPerson = () => {
  people += 1;
  return { ...FULL_PROFILE, id: String(2_604_300_000 + people), loginId: `person${people}@example.com` };
};

/** One person, signed in with each of these browsers. */
const signIn = async (count: number, person = newPerson()): Promise<TestBrowser[]> => {
  const browsers = Array.from({ length: count }, () => newBrowser(worker));
  for (const browser of browsers) await browser.login({ person });
  return browsers;
};

type Entry = { id: string; createdAt: string; lastSeenAt: string; current: boolean; userAgent: string | null };
const list = async (browser: TestBrowser | undefined): Promise<Entry[]> => {
  const body: { sessions: Entry[] } = await (await (browser ?? newBrowser(worker)).fetch("/sessions")).json();
  return body.sessions;
};
const revoke = (browser: TestBrowser | undefined, path: string) =>
  (browser ?? newBrowser(worker)).fetch(path, { method: "DELETE", headers: { Origin: SHOP } });
const isSignedIn = async (browser: TestBrowser | undefined) => (await browser?.session())?.user !== null;
const idOf = async (browser: TestBrowser | undefined) => (await browser?.session())?.session?.id ?? "";

describe("GET /sessions", () => {
  it("lists every login of this person, this one marked, and nobody else's", async () => {
    const [phone, laptop, tablet] = await signIn(3);
    await signIn(1);
    const sessions = await list(laptop);
    expect(sessions.map(({ id }) => id).toSorted()).toEqual(
      (await Promise.all([phone, laptop, tablet].map(idOf))).toSorted(),
    );
    expect(sessions.filter(({ current }) => current).map(({ id }) => id)).toEqual([await idOf(laptop)]);
    for (const entry of sessions) {
      expect(Object.keys(entry).toSorted()).toEqual(
        ["id", "createdAt", "lastSeenAt", "userAgent", "country", "current"].toSorted(),
      );
      for (const date of [entry.createdAt, entry.lastSeenAt]) expect(new Date(date).toISOString()).toBe(date);
    }
  });

  it("tells browsers and countries apart, whatever the browser calls itself (CWE-79, CWE-400)", async () => {
    const browser = newBrowser(worker);
    const callback = await browser.visitKakao({ person: newPerson() });
    const name = `Mozilla/5.0 <script>alert(1)</script> ${"x".repeat(5000)}`;
    await browser.fetch(callback.href.replace(AUTH, ""), { headers: { "User-Agent": name } });
    const [entry] = await list(browser);
    expect(entry?.userAgent).toBe(name.slice(0, 256));
  });

  it("leaves out what has ended", async () => {
    const [one, ended] = await signIn(2);
    await changeSession(worker.db, ended?.cookies.get(SESSION_COOKIE) ?? "", { idle_expires: Date.now() - 1 });
    expect(await list(one)).toHaveLength(1);
  });

  it("holds no credential", async () => {
    const browsers = await signIn(2);
    const text = await (
      await newBrowser(worker).fetch("/sessions", { headers: { Cookie: browsers[0]?.cookieHeader() ?? "" } })
    ).text();
    for (const browser of browsers) for (const value of browser.cookies.values()) expect(text).not.toContain(value);
    const [entry] = JSON.parse(text).sessions;
    const answer = await worker.fetch("/session", { headers: { Cookie: `${SESSION_COOKIE}=${entry.id}` } });
    expect(await answer.json()).toEqual({ user: null, session: null });
  });
});

describe("DELETE /sessions/:id", () => {
  it("ends that login and no other", async () => {
    const [here, there, elsewhere] = await signIn(3);
    const answer = await revoke(here, `/sessions/${await idOf(there)}`);
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
    expect(await Promise.all([here, there, elsewhere].map(isSignedIn))).toEqual([true, false, true]);
  });

  it("ends this login as well", async () => {
    const [here, there] = await signIn(2);
    expect((await revoke(here, `/sessions/${await idOf(here)}`)).status).toBe(204);
    expect(await Promise.all([here, there].map(isSignedIn))).toEqual([false, true]);
  });

  it("is 404 the second time", async () => {
    const [here, there] = await signIn(2);
    const id = await idOf(there);
    await revoke(here, `/sessions/${id}`);
    await expectError(await revoke(here, `/sessions/${id}`), 404, "not_found");
  });

  it("is 404 for somebody else's login, which stays (CWE-639)", async () => {
    const [[mine], [theirs]] = [await signIn(1), await signIn(1)];
    await expectError(await revoke(mine, `/sessions/${await idOf(theirs)}`), 404, "not_found");
    expect(await isSignedIn(theirs)).toBe(true);
  });

  it.each([
    ["unknown", "AAAAAAAAAAAAAAAAAAAAAA"],
    ["SQL (CWE-89)", "%27%20OR%20%271%27=%271"],
    ["a wildcard", "%25"],
    ["not UTF-8", "%ff"],
    ["a hash at rest", "hash"],
    ["the word current", "current"],
  ])("is 404 for an id that is %s, and nothing ends", async (_what, id) => {
    const [here] = await signIn(1);
    const before = await countRows(worker.db, "user_session");
    const row = await worker.db.prepare("SELECT id FROM user_session LIMIT 1").first<{ id: string }>();
    const answer = await revoke(here, `/sessions/${id === "hash" ? row?.id : id}`);
    await expectError(answer, 404, "not_found");
    expect(await countRows(worker.db, "user_session")).toBe(before);
  });
});

describe("DELETE /sessions", () => {
  it("ends all logins of this person but this one", async () => {
    const [[here, there, elsewhere], [somebody]] = [await signIn(3), await signIn(1)];
    expect((await revoke(here, "/sessions")).status).toBe(204);
    expect(await Promise.all([here, there, elsewhere, somebody].map(isSignedIn))).toEqual([true, false, false, true]);
  });

  it("does the same for a bearer, which needs no Origin", async () => {
    const [here, there] = await signIn(2);
    const headers = { Authorization: `Bearer ${here?.cookies.get(SESSION_COOKIE)}` };
    expect((await worker.fetch("/sessions", { method: "DELETE", headers })).status).toBe(204);
    expect(await Promise.all([here, there].map(isSignedIn))).toEqual([true, false]);
  });
});

describe("a DELETE that found nothing", () => {
  it.each(["/sessions", "/sessions/AAAAAAAAAAAAAAAAAAAAAA"])(
    "%s leaves everybody's checks in memory (CWE-400)",
    async (path) => {
      const [[alone], [somebody]] = [await signIn(1), await signIn(1)];
      await somebody?.session();
      await revoke(alone, path);
      const seen = await check(worker, { Cookie: somebody?.cookieHeader() ?? "" });
      expect(seen).toMatchObject({ status: 200, source: "memory" });
    },
  );
});

describe.each([
  ["GET", "/sessions"],
  ["DELETE", "/sessions"],
  ["DELETE", "/sessions/AAAAAAAAAAAAAAAAAAAAAA"],
])("%s %s", (method, path) => {
  it("is 401 for nobody, and for a session that ended", async () => {
    const [ended] = await signIn(1);
    await changeSession(worker.db, ended?.cookies.get(SESSION_COOKIE) ?? "", { idle_expires: Date.now() - 1 });
    for (const browser of [newBrowser(worker), ended]) {
      const answer = await browser?.fetch(path, { method, headers: { Origin: SHOP } });
      await expectError(answer ?? new Response(), 401, "unauthenticated");
    }
  });

  it("is a page with a way to log in for a person", async () => {
    const answer = await worker.fetch(path, { method, headers: { ...NAVIGATION, Origin: AUTH } });
    const page = await answer.text();
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([401, "text/html; charset=UTF-8"]);
    expect(page).toContain('<a class="button" href="/"');
  });

  it("is 503 while D1 is down, and the cookie stays", async () => {
    const [browser] = await signIn(1);
    const init = { method, headers: { Origin: SHOP } };
    const down = await withoutTable(worker.db, "user_session", async () => browser?.fetch(path, init));
    await expectError(down ?? new Response(), 503, "temporarily_unavailable");
    expect(down?.headers.getSetCookie()).toEqual([]);
    expect(await isSignedIn(browser)).toBe(true);
  });
});
