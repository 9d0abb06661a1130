import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Isolate, type Isolates, startIsolates } from "./support/isolates.ts";
import { bearer, check, cookies, proofOf, type StoredSession, storeSession } from "./support/sessions.ts";
import { AUTH } from "./support/worker.ts";

const LAG = 2000;
const SETTINGS = { vars: { REVOCATION_LAG_SECONDS: String(LAG / 1000) } };

/** The resource Worker's binding leads to `a`, whose memory a revocation by service has to reach. */
const CALLER = {
  name: "caller",
  main: "test/worker/support/resource-worker.ts",
  services: [{ binding: "AUTH", service: "a", entrypoint: "AuthService" }],
};

let isolates: Isolates<"a" | "b" | "quiet">;
beforeAll(async () => {
  isolates = await startIsolates({ a: SETTINGS, b: SETTINGS, quiet: SETTINGS }, [CALLER]);
});
afterAll(() => isolates.close());

type Ended = { session: StoredSession; other: StoredSession };
type Way = (ended: Ended) => Promise<unknown>;

const unsafe = (session: StoredSession) => ({ Origin: AUTH, ...cookies(session) });
const sql = (text: string, value: string) => isolates.db.prepare(text).bind(value).run();

/** Every way in which a session ends before its time. `other` is another login of the same user. */
const WAYS: [how: string, way: Way, byIsolateA: boolean][] = [
  ["logout", ({ session }) => isolates.a.fetch("/logout", { method: "POST", headers: unsafe(session) }), true],
  [
    "logout everywhere",
    ({ other }) => isolates.a.fetch("/logout", { method: "POST", headers: unsafe(other), body: '{"everywhere":true}' }),
    true,
  ],
  [
    "DELETE /sessions/:id",
    ({ session, other }) =>
      isolates.a.fetch(`/sessions/${session.loginId}`, { method: "DELETE", headers: unsafe(other) }),
    true,
  ],
  [
    "DELETE /sessions",
    ({ other }) => isolates.a.fetch("/sessions", { method: "DELETE", headers: unsafe(other) }),
    true,
  ],
  [
    "revoke() by service",
    ({ session }) =>
      isolates.fetchFrom("caller", "/call", {
        method: "POST",
        body: JSON.stringify({ method: "revoke", inputs: [session.loginId] }),
      }),
    true,
  ],
  ["the user's row deleted by hand", ({ session }) => sql("DELETE FROM user WHERE id = ?", session.userId), false],
  [
    "the login's absolute end moved to the past by hand",
    ({ session }) => sql("UPDATE user_session SET absolute_expires = 1 WHERE login_id = ?", session.loginId),
    false,
  ],
  [
    "the session's row deleted by hand",
    ({ session }) => sql("DELETE FROM user_session WHERE login_id = ?", session.loginId),
    false,
  ],
];

/** Asks an isolate every 100 ms, for as long as `until` has not come and two lags after. */
const sample = async (isolate: Isolate, headers: Record<string, string>, until: Promise<number>) => {
  const samples: { sentAt: number; signedIn: boolean; status: number; source: string }[] = [];
  let end = Number.POSITIVE_INFINITY;
  until.then((at) => {
    end = at + 2 * LAG;
  });
  while (Date.now() < end) {
    const sentAt = Date.now();
    const { userId, status, source } = await check(isolate, headers);
    samples.push({ sentAt, signedIn: userId !== null, status, source });
    await wait(100);
  }
  return samples;
};

describe.concurrent("a session that another isolate knows well is refused there within the lag, and at once here, after", () => {
  it.each(WAYS)(
    "%s",
    async (_, way, byIsolateA) => {
      const session = await storeSession(isolates.db);
      const other = await storeSession(isolates.db, { userId: session.userId });
      const proof = await proofOf(isolates.a, session);
      let ended: (at: number) => void = () => {};
      const until = new Promise<number>((resolve) => {
        ended = resolve;
      });
      const byCookie = sample(isolates.b, cookies(session, proof), until);
      const byBearer = sample(isolates.b, bearer(session), until);
      await wait(LAG * 0.6);
      await check(isolates.a, cookies(session, proof));

      await way({ session, other });
      const endedAt = Date.now();
      ended(endedAt);
      if (byIsolateA) {
        for (const headers of [cookies(session, proof), bearer(session)]) {
          expect(await check(isolates.a, headers)).toMatchObject({ status: 200, userId: null });
        }
      }

      for (const samples of [await byCookie, await byBearer]) {
        expect(samples.filter(({ status }) => status !== 200)).toEqual([]);
        const before = samples.filter(({ sentAt }) => sentAt < endedAt - 200);
        expect(before.length).toBeGreaterThan(0);
        expect(before.filter(({ signedIn }) => !signedIn)).toEqual([]);
        // Otherwise the bound would be kept by asking D1 each time.
        expect(before.some(({ source }) => source === "proof" || source === "memory")).toBe(true);
        expect(samples.filter(({ sentAt, signedIn }) => signedIn && sentAt > endedAt + LAG)).toEqual([]);
        expect(samples.at(-1)?.signedIn).toBe(false);
        // Refused once is refused for good.
        const first = samples.findIndex(({ signedIn }) => !signedIn);
        expect(samples.slice(first).some(({ signedIn }) => signedIn)).toBe(false);
      }
    },
    60_000,
  );
});

describe("a quiet isolate", () => {
  it("reads the feed before it answers, however long nobody asked", async () => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.quiet, session);
    expect((await check(isolates.quiet, cookies(session, proof))).userId).toBe(session.userId);
    await sql("DELETE FROM user_session WHERE login_id = ?", session.loginId);
    await wait(LAG + 50);
    expect(await check(isolates.quiet, cookies(session, proof))).toMatchObject({ status: 200, userId: null });
  });

  it("pays one round trip, not two, when nothing was revoked", async () => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.quiet, session);
    await wait(LAG + 50);
    await isolates.quiet.usage();
    expect(await check(isolates.quiet, cookies(session, proof))).toMatchObject({ source: "database", proof: null });
    expect((await isolates.quiet.usage()).trips).toBe(1);
  });
});

describe("a user whose profile changed", () => {
  it("is shown as D1 has it within the lag, and stays signed in", async () => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.a, session);
    expect((await check(isolates.b, cookies(session, proof))).userId).toBe(session.userId);
    await isolates.db.prepare("UPDATE user SET nickname = '어피치' WHERE id = ?").bind(session.userId).run();
    await wait(LAG + 50);
    const { response } = await check(isolates.b, cookies(session, proof));
    expect(await response.json()).toMatchObject({ user: { id: session.userId, nickname: "어피치" } });
  });
});

describe("sessions that nobody ended", () => {
  it("stay signed in while others of the same user end", async () => {
    const kept = await storeSession(isolates.db);
    const ended = await storeSession(isolates.db, { userId: kept.userId });
    const proof = await proofOf(isolates.a, kept);
    await isolates.a.fetch(`/sessions/${ended.loginId}`, { method: "DELETE", headers: unsafe(kept) });
    for (const isolate of [isolates.a, isolates.b]) {
      expect(await check(isolate, cookies(kept, proof))).toMatchObject({ userId: kept.userId });
      expect(await check(isolate, cookies(ended))).toMatchObject({ userId: null });
    }
  });
});
