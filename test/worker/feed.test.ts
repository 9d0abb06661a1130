import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changeSession, hashAtRest, readSession } from "./support/database.ts";
import { type Isolates, startIsolates } from "./support/isolates.ts";
import { bearer, check, cookies, HOUR, proofOf, storeSession, storeUser } from "./support/sessions.ts";

const LAG = 2000;
const SETTINGS = { vars: { REVOCATION_LAG_SECONDS: String(LAG / 1000) } };

let isolates: Isolates<"a" | "b" | "cold" | "colder" | "swept">;
beforeAll(async () => {
  isolates = await startIsolates({ a: SETTINGS, b: SETTINGS, cold: SETTINGS, colder: SETTINGS, swept: SETTINGS });
});
afterAll(() => isolates.close());

const endSession = (loginId: string) =>
  isolates.db.prepare("DELETE FROM user_session WHERE login_id = ?").bind(loginId).run();

const manySessions = (userId: string, count: number) =>
  isolates.db
    .prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
       INSERT INTO user_session
         (id, user_id, active_expires, idle_expires, login_id, created_at, absolute_expires, last_seen_at)
       SELECT 'many-' || ?1 || i, ?1, ?3, ?3, 'login-' || ?1 || i, 0, ?3, 0 FROM n`,
    )
    .bind(userId, count, Date.now() + 3_600_000)
    .run();

describe("an isolate's first request", () => {
  it("knows of a session that was revoked before the isolate was born, though its proof is still good", async () => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.a, session);
    await endSession(session.loginId);
    expect(await check(isolates.cold, cookies(session, proof))).toMatchObject({ status: 200, userId: null });
  });

  it("asks D1 once, which reads the feed as well, and then believes a good proof without another one", async () => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.a, session);
    const seen = await check(isolates.colder, cookies(session, proof));
    expect(seen).toMatchObject({ source: "database", userId: session.userId, proof: null });
    expect((await isolates.colder.usage()).trips).toBe(1);
    expect((await check(isolates.colder, cookies(session, proof))).source).toBe("memory");
  });
});

describe("1,500 revocations at once", () => {
  it("are all read, the last one too", async () => {
    const userId = await storeUser(isolates.db);
    await manySessions(userId, 1500);
    const last = await storeSession(isolates.db);
    const kept = await storeSession(isolates.db);
    const [lastProof, keptProof] = [await proofOf(isolates.a, last), await proofOf(isolates.a, kept)];
    expect((await check(isolates.b, cookies(last, lastProof))).userId).toBe(last.userId);
    await isolates.db.prepare("DELETE FROM user_session WHERE user_id = ?").bind(userId).run();
    await endSession(last.loginId);
    await wait(LAG + 50);
    expect(await check(isolates.b, cookies(last, lastProof))).toMatchObject({ status: 200, userId: null });
    expect(await check(isolates.b, cookies(kept, keptProof))).toMatchObject({ userId: kept.userId });
  });
});

describe("a herd: fifty checks at once that find a stale feed", () => {
  it.each(["a stale feed", "a slow D1"])("all answer rightly: %s", async (how) => {
    const sessions = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const session = await storeSession(isolates.db);
        return { session, proof: await proofOf(isolates.a, session), ended: index % 2 === 0 };
      }),
    );
    for (const { session, proof } of sessions) await check(isolates.b, cookies(session, proof));
    for (const { session, ended } of sessions) if (ended) await endSession(session.loginId);
    await wait(LAG + 50);
    if (how === "a slow D1") await isolates.b.setFault({ kind: "slow", milliseconds: 300 });
    const seen = await Promise.all(
      sessions.map(async ({ session, proof, ended }) => ({
        wanted: ended ? null : session.userId,
        check: await check(isolates.b, cookies(session, proof)),
      })),
    );
    await isolates.b.setFault({ kind: "none" });
    for (const { wanted, check } of seen) expect([check.status, check.userId]).toEqual([200, wanted]);
  });
});

describe("after the sweep has taken every revocation, as in each quiet hour", () => {
  it("a user whose profile once changed is answered without D1 again", async () => {
    const session = await storeSession(isolates.db);
    await check(isolates.swept, bearer(session));
    await isolates.db.prepare("UPDATE user SET nickname = '네오' WHERE id = ?").bind(session.userId).run();
    await wait(LAG + 50);
    await check(isolates.swept, bearer(session));
    await isolates.db.prepare("UPDATE revocation SET created_at = 0").run();
    await isolates.a.scheduled();
    const other = await storeSession(isolates.db, { userId: session.userId });
    const { proof, userId } = await check(isolates.swept, cookies(other));
    expect(userId).toBe(session.userId);
    const seen = await check(isolates.swept, cookies(other, proof));
    expect(seen).toMatchObject({ source: "memory", userId: session.userId, proof: null });
  });

  it("a revocation is still seen, and an old proof of its session never comes back to life", async () => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.a, session);
    expect((await check(isolates.b, cookies(session, proof))).userId).toBe(session.userId);
    await endSession(session.loginId);
    await wait(LAG + 50);
    expect((await check(isolates.b, cookies(session, proof))).userId).toBeNull();
    await isolates.db.prepare("DELETE FROM revocation").run();
    await wait(LAG + 50);
    expect((await check(isolates.b, cookies(session, proof))).userId).toBeNull();
  });
});

describe("more revocations than an isolate keeps", () => {
  it("send proofs from before to D1, which is never wrong, and later ones work again", async () => {
    const [ended, kept] = [await storeSession(isolates.db), await storeSession(isolates.db)];
    const [endedProof, keptProof] = [await proofOf(isolates.a, ended), await proofOf(isolates.a, kept)];
    expect((await check(isolates.b, cookies(ended, endedProof))).userId).toBe(ended.userId);
    await endSession(ended.loginId);
    await isolates.db
      .prepare(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20500)
         INSERT INTO revocation (subject, created_at) SELECT 'somebody-' || i, unixepoch() * 1000 FROM n`,
      )
      .run();
    await wait(LAG + 50);
    expect(await check(isolates.b, cookies(ended, endedProof))).toMatchObject({ status: 200, userId: null });
    const seen = await check(isolates.b, cookies(kept, keptProof));
    expect(seen).toMatchObject({ source: "database", userId: kept.userId });
    const again = await check(isolates.b, cookies(kept, seen.proof));
    expect(again).toMatchObject({ source: "memory", userId: kept.userId });
  });
});

describe("the notices themselves", () => {
  it("hold no credential and no address: a hash or a user's id, and a number", async () => {
    const session = await storeSession(isolates.db);
    await endSession(session.loginId);
    const row = await isolates.db.prepare("SELECT * FROM revocation ORDER BY seq DESC LIMIT 1").first();
    expect(row).toEqual({
      seq: expect.any(Number),
      subject: hashAtRest(session.token),
      created_at: expect.any(Number),
    });
  });

  const newest = async () =>
    (await isolates.db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'revocation'").first<number>("seq")) ?? 0;

  it("are not written when a session was merely seen, which is noted each hour", async () => {
    const session = await storeSession(isolates.db);
    await changeSession(isolates.db, session.token, { last_seen_at: Date.now() - 3 * HOUR });
    const before = await newest();
    expect((await check(isolates.a, cookies(session))).userId).toBe(session.userId);
    expect((await readSession(isolates.db, session.token))?.last_seen_at).toBeGreaterThan(Date.now() - HOUR);
    expect(await newest()).toBe(before);
  });

  it("are one for a renewal, which does not outdate the answer that it was made for", async () => {
    const session = await storeSession(isolates.db, { lifetime: 40 * 24 * HOUR });
    await changeSession(isolates.db, session.token, { active_expires: Date.now() - HOUR });
    const [before, proof] = [await newest(), await proofOf(isolates.swept, session)];
    expect(await newest()).toBe(before + 1);
    // By now the isolate has to read the notice of its own renewal.
    await wait(LAG + 50);
    const seen = await check(isolates.swept, cookies(session, proof));
    expect(seen).toMatchObject({ source: "database", userId: session.userId, proof: null });
    expect((await check(isolates.swept, cookies(session, proof))).source).toBe("memory");
  });

  it("are not written for sessions that had ended by themselves", async () => {
    const session = await storeSession(isolates.db, { lifetime: -5000 });
    const before = await newest();
    await endSession(session.loginId);
    expect(await newest()).toBe(before);
  });
});
