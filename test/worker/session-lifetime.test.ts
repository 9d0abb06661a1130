import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attributesOf, SESSION_COOKIE, setCookieOf } from "./support/answers.ts";
import { newBrowser } from "./support/browser.ts";
import { changeSession, readSession, withoutWrites } from "./support/database.ts";
import { startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.close());

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const NOBODY = { user: null, session: null };

const signIn = async () => {
  const browser = newBrowser(worker);
  await browser.login();
  return { browser, token: browser.cookies.get(SESSION_COOKIE) ?? "" };
};
const check = (headers: Record<string, string>, path = "/session") => worker.fetch(path, { headers });
const cookie = (token: string) => ({ Cookie: `${SESSION_COOKIE}=${token}` });
const expiryOf = async (answer: Response): Promise<number> => {
  const { session }: { session: { expiresAt: string } } = await answer.json();
  return Date.parse(session.expiresAt);
};

describe("a session in its idle period", () => {
  const idle = async (absolute = 60 * DAY) => {
    const { token } = await signIn();
    const absolute_expires = Date.now() + absolute;
    await changeSession(worker.db, token, {
      active_expires: Date.now() - HOUR,
      idle_expires: Date.now() + Math.min(13 * DAY, absolute),
      absolute_expires,
    });
    return { token, absolute_expires };
  };

  it("is renewed by a check, and its cookie set again for as long as the body says", async () => {
    const { token } = await idle();
    const answer = await check(cookie(token));
    const line = setCookieOf(answer, SESSION_COOKIE);
    const { "max-age": maxAge, ...attributes } = attributesOf(line);
    expect(line).toContain(`=${token};`);
    expect(attributes).toEqual({ path: "/", httponly: true, secure: true, samesite: "Lax" });
    const expiresAt = await expiryOf(answer);
    expect(expiresAt).toBeCloseTo(Date.now() + 15 * DAY, -4);
    expect(Date.now() + Number(maxAge) * 1000).toBeCloseTo(expiresAt, -4);
    const row = await readSession(worker.db, token);
    expect(row?.idle_expires).toBeCloseTo(expiresAt, -4);
    expect(row?.active_expires).toBeCloseTo(Date.now() + DAY, -4);
    expect(setCookieOf(await check(cookie(token)), SESSION_COOKIE)).toBeNull();
  });

  it("never outlives its login: the absolute end stays where it was (CWE-613)", async () => {
    const { token, absolute_expires } = await idle(2 * DAY);
    const answer = await check(cookie(token));
    const maxAge = Number(attributesOf(setCookieOf(answer, SESSION_COOKIE))["max-age"]);
    expect(Date.now() + maxAge * 1000).toBeCloseTo(absolute_expires, -4);
    expect(await expiryOf(answer)).toBe(absolute_expires);
    expect(await readSession(worker.db, token)).toMatchObject({ idle_expires: absolute_expires, absolute_expires });
  });

  it("is renewed for a bearer as well, without a cookie", async () => {
    const { token } = await idle();
    const answer = await check({ Authorization: `Bearer ${token}` });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await readSession(worker.db, token))?.idle_expires).toBeCloseTo(Date.now() + 15 * DAY, -4);
  });

  it("is not renewed by /session/verify, whose cookies a proxy keeps to itself, but by the next /session", async () => {
    const { token } = await idle();
    const before = await readSession(worker.db, token);
    const answer = await check(cookie(token), "/session/verify");
    expect([answer.status, setCookieOf(answer, SESSION_COOKIE)]).toEqual([204, null]);
    expect(await readSession(worker.db, token)).toEqual(before);
    expect(setCookieOf(await check(cookie(token)), SESSION_COOKIE)).toContain(token);
    expect((await readSession(worker.db, token))?.idle_expires).toBeCloseTo(Date.now() + 15 * DAY, -4);
  });

  it("is renewed by /session/verify for a bearer, which no cookie has to follow", async () => {
    const { token } = await idle();
    const answer = await check({ Authorization: `Bearer ${token}` }, "/session/verify");
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([204, []]);
    expect((await readSession(worker.db, token))?.idle_expires).toBeCloseTo(Date.now() + 15 * DAY, -4);
  });

  it.each(["/session", "/session/verify", "/sessions"])("is not renewed by HEAD %s (RFC 9110 9.3.2)", async (path) => {
    const { token } = await idle();
    const before = await readSession(worker.db, token);
    const answer = await worker.fetch(path, { method: "HEAD", headers: cookie(token) });
    expect(answer.ok).toBe(true);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await readSession(worker.db, token)).toEqual(before);
  });

  it("stays signed in when the database refuses writes, and promises no more than the row says", async () => {
    const { token } = await idle();
    const before = await readSession(worker.db, token);
    const answer = await withoutWrites(worker.db, "user_session", () => check(cookie(token)));
    expect(answer.status).toBe(200);
    expect(await expiryOf(answer)).toBe(before?.idle_expires);
  });
});

describe("a session that ended", () => {
  it.each([
    ["unused for too long", { active_expires: -2 * DAY, idle_expires: -1000 }],
    ["by an operator who moved its absolute end alone", { absolute_expires: -1000 }],
    ["at its absolute end", { active_expires: -2 * DAY, idle_expires: -1000, absolute_expires: -1000 }],
  ])("%s is nobody's, without an error", async (_why, offsets) => {
    const { token } = await signIn();
    const columns = Object.fromEntries(Object.entries(offsets).map(([name, offset]) => [name, Date.now() + offset]));
    await changeSession(worker.db, token, columns);
    const answer = await check(cookie(token));
    expect([answer.status, await answer.json()]).toEqual([200, NOBODY]);
    expect((await check(cookie(token), "/session/verify")).status).toBe(401);
  });
});

describe("lastSeenAt", () => {
  it("is noted to the hour, without a new cookie", async () => {
    const { token } = await signIn();
    const long = Date.now() - 3 * HOUR;
    await changeSession(worker.db, token, { last_seen_at: long });
    expect(setCookieOf(await check(cookie(token)), SESSION_COOKIE)).toBeNull();
    const seen = (await readSession(worker.db, token))?.last_seen_at ?? 0;
    expect(seen).toBeGreaterThan(long + 2 * HOUR);
    await check(cookie(token));
    expect((await readSession(worker.db, token))?.last_seen_at).toBe(seen);
  });
});
