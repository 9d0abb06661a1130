import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SESSION_COOKIE, setCookieOf } from "./support/answers.ts";
import { changeSession, readSession } from "./support/database.ts";
import { type Isolates, startIsolates } from "./support/isolates.ts";
import { bearer, check, cookies, HOUR, proofOf, type StoredSession, storeSession } from "./support/sessions.ts";

const LAG = 2000;

let isolates: Isolates<"auth" | "elsewhere">;
beforeAll(async () => {
  const vars = { REVOCATION_LAG_SECONDS: String(LAG / 1000) };
  isolates = await startIsolates({ auth: { vars }, elsewhere: { vars } }, [
    {
      name: "caller",
      main: "test/worker/support/resource-worker.ts",
      services: [{ binding: "AUTH", service: "auth", entrypoint: "AuthService" }],
    },
  ]);
});
beforeEach(() => isolates.auth.setFault({ kind: "none" }));
afterAll(() => isolates.close());

type Outcome = { value?: unknown; thrown?: string };

const call = async (method: string, ...inputs: unknown[]): Promise<Outcome> => {
  const answer = await isolates.fetchFrom("caller", "/call", {
    method: "POST",
    body: JSON.stringify({ method, inputs }),
  });
  return (await answer.json()) as Outcome;
};

const viewOf = async (session: StoredSession): Promise<unknown> =>
  (await check(isolates.elsewhere, cookies(session))).response.json();

describe("check(credential), called by another Worker", () => {
  it("takes the value of a Cookie header, with a proof or without", async () => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.elsewhere, session);
    const view = await viewOf(session);
    expect(view).toMatchObject({ user: { id: session.userId }, session: { id: session.loginId } });
    for (const { Cookie } of [
      cookies(session),
      cookies(session, proof),
      { Cookie: `theme=dark; ${cookies(session).Cookie}; a=b` },
    ]) {
      expect(await call("check", Cookie)).toEqual({ value: view });
    }
  });

  it("takes `Bearer <token>`, in any case", async () => {
    const session = await storeSession(isolates.db);
    const view = await viewOf(session);
    for (const scheme of ["Bearer", "bearer", "BEARER"]) {
      expect(await call("check", `${scheme} ${session.token}`)).toEqual({ value: view });
    }
  });

  it("costs no D1 round trip when it was told before", async () => {
    const session = await storeSession(isolates.db);
    await call("check", bearer(session).Authorization);
    await wait(100);
    await isolates.auth.usage();
    expect(await call("check", bearer(session).Authorization)).toMatchObject({
      value: { user: { id: session.userId } },
    });
    expect((await isolates.auth.usage()).trips).toBe(0);
  });

  it("shares what it knows with the public routes of its isolate", async () => {
    const session = await storeSession(isolates.db);
    await check(isolates.auth, bearer(session));
    await wait(100);
    await isolates.auth.usage();
    await call("check", bearer(session).Authorization);
    expect((await check(isolates.auth, bearer(session))).source).toBe("memory");
    expect((await isolates.auth.usage()).trips).toBe(0);
  });

  it.each([
    ["an empty text", ""],
    ["words", "let me in"],
    ["a cookie of somebody else's", "session=abc; other=1"],
    ["an unknown cookie", `__Host-session=${"u".repeat(43)}`],
    ["an unknown bearer", `Bearer ${"u".repeat(43)}`],
    ["a bearer without a token", "Bearer "],
    ["the scheme alone", "Bearer"],
    ["another scheme", "Basic dXNlcjpwYXNz"],
    ["8 kB", `__Host-session=${"a".repeat(8192)}`],
    ["line breaks", "__Host-session=a\r\n__Host-session=b"],
    ["a cookie twice, with two values (CWE-384)", `__Host-session=${"a".repeat(43)}; __Host-session=${"b".repeat(43)}`],
    ["nothing", null],
    ["a number", 7],
    ["an object", { toString: "Bearer x" }],
    ["a list", ["Bearer x"]],
  ])("knows nobody by %s", async (_, credential) => {
    expect(await call("check", credential)).toEqual({ value: null });
  });

  it("and nobody without an argument", async () => {
    expect(await call("check")).toEqual({ value: null });
  });

  it("renews no cookie's session, since it sets no cookie; the next GET /session does", async () => {
    const session = await storeSession(isolates.db, { lifetime: 40 * 24 * HOUR });
    await changeSession(isolates.db, session.token, { active_expires: Date.now() - HOUR });
    const before = await readSession(isolates.db, session.token);
    expect(await call("check", cookies(session).Cookie)).toMatchObject({ value: { user: { id: session.userId } } });
    expect(await readSession(isolates.db, session.token)).toEqual(before);
    const { response } = await check(isolates.auth, cookies(session));
    expect(setCookieOf(response, SESSION_COOKIE)).toContain(session.token);
    expect((await readSession(isolates.db, session.token))?.active_expires).toBeGreaterThan(Date.now() + 23 * HOUR);
  });

  it("renews a bearer's session", async () => {
    const session = await storeSession(isolates.db, { lifetime: 40 * 24 * HOUR });
    await changeSession(isolates.db, session.token, { active_expires: Date.now() - HOUR });
    await call("check", bearer(session).Authorization);
    expect((await readSession(isolates.db, session.token))?.active_expires).toBeGreaterThan(Date.now() + 23 * HOUR);
  });

  it("gives no credential away", async () => {
    const session = await storeSession(isolates.db);
    expect(JSON.stringify(await call("check", cookies(session).Cookie))).not.toContain(session.token);
  });

  it("reports a D1 that is down as data, and recovers", async () => {
    const session = await storeSession(isolates.db);
    const down = { value: { error: "temporarily_unavailable" } };
    await isolates.auth.setFault({ kind: "fails" });
    const outcomes = [await call("check", cookies(session).Cookie), await call("revoke", session.loginId)];
    await isolates.auth.setFault({ kind: "none" });
    expect(outcomes).toEqual([down, down]);
    expect(await call("check", cookies(session).Cookie)).toMatchObject({ value: { user: { id: session.userId } } });
  });

  it.each(["check", "revoke"])("reports a D1 that hangs as data after its deadline: %s", async (method) => {
    const session = await storeSession(isolates.db);
    await isolates.auth.setFault({ kind: "hangs" });
    const began = Date.now();
    const outcome = await call(method, method === "check" ? cookies(session).Cookie : session.loginId);
    const duration = Date.now() - began;
    await isolates.auth.setFault({ kind: "none" });
    expect(outcome).toEqual({ value: { error: "temporarily_unavailable" } });
    expect(duration).toBeLessThan(3500);
  });
});

describe("revoke(sessionId)", () => {
  it("ends the login at once in its own isolate, by service and by the public routes, and elsewhere within the lag", async () => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.elsewhere, session);
    const known = cookies(session, proof);
    for (const isolate of [isolates.auth, isolates.elsewhere]) {
      expect((await check(isolate, known)).userId).toBe(session.userId);
    }
    await call("check", known.Cookie);

    expect(await call("revoke", session.loginId)).toEqual({ value: { revoked: true } });
    expect(await call("check", known.Cookie)).toEqual({ value: null });
    expect((await check(isolates.auth, known)).userId).toBeNull();
    await wait(LAG + 50);
    expect((await check(isolates.elsewhere, known)).userId).toBeNull();
    expect(await call("revoke", session.loginId)).toEqual({ value: { revoked: false } });
  });

  it("ends it at once in its own isolate, also when D1's answer was lost (CWE-613)", async () => {
    const session = await storeSession(isolates.db);
    await check(isolates.auth, bearer(session));
    expect((await check(isolates.auth, bearer(session))).source).toBe("memory");
    await isolates.auth.setFault({ kind: "loses_answer", trip: 1 });
    expect(await call("revoke", session.loginId)).toEqual({ value: { error: "temporarily_unavailable" } });
    await isolates.auth.setFault({ kind: "none" });
    expect(await call("check", bearer(session).Authorization)).toEqual({ value: null });
    expect((await check(isolates.auth, bearer(session))).userId).toBeNull();
  });

  it.each([["unknown"], [""], [null], [7], [{}], ["%"], ["' OR 1=1 --"]])("ends nothing for %j", async (id) => {
    const session = await storeSession(isolates.db);
    expect(await call("revoke", id)).toEqual({ value: { revoked: false } });
    expect((await check(isolates.auth, bearer(session))).userId).toBe(session.userId);
  });

  it("of nobody leaves everybody's checks in memory", async () => {
    const session = await storeSession(isolates.db);
    await check(isolates.auth, bearer(session));
    await call("revoke", "unknown");
    expect((await check(isolates.auth, bearer(session))).source).toBe("memory");
  });

  it("takes no credential: neither the token nor its hash names a login", async () => {
    const session = await storeSession(isolates.db);
    expect(await call("revoke", session.token)).toEqual({ value: { revoked: false } });
  });
});

describe("what else a caller may try (CWE-749)", () => {
  it.each(["env", "ctx", "fromDatabase", "unavailable", "scheduled", "tail", "constructor"])(
    "%s is not to be had",
    async (name) => {
      const outcome = await call(name);
      expect(outcome.thrown ?? "").not.toBe("");
      expect(JSON.stringify(outcome)).not.toMatch(/AUTH_SECRET|KAKAO_CLIENT_SECRET/);
    },
  );

  it("there is no fetch behind the entrypoint", async () => {
    expect((await call("fetch", "https://auth.shop.test/session")).thrown ?? "").not.toBe("");
  });
});
