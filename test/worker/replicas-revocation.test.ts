import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readyFor, startReplicated } from "./support/replicas.ts";
import { bearer, check, cookies, type StoredSession, storeSession } from "./support/sessions.ts";
import { AUTH } from "./support/worker.ts";

const LAG = 2000;
const ON = { vars: { D1_READ_REPLICAS: "true", REVOCATION_LAG_SECONDS: String(LAG / 1000) } };

let isolates: Awaited<ReturnType<typeof startReplicated<"here" | "there">>>;
beforeAll(async () => {
  isolates = await startReplicated({ here: ON, there: ON });
});
afterAll(() => isolates.close());

const unsafe = (session: StoredSession) => ({ Origin: AUTH, ...cookies(session) });

/** A session that the replica knows, and goes on knowing: nothing is copied to it any more. */
const replicated = async (): Promise<StoredSession> => {
  const session = await storeSession(isolates.db);
  await isolates.replicate();
  return session;
};

/** Asks without a proof, so every time the database, until the lag is over and half as long again. */
const sample = async (headers: Record<string, string>, endedAt: number) => {
  const samples: { sentAt: number; signedIn: boolean; status: number; source: string }[] = [];
  while (Date.now() < endedAt + 1.5 * LAG) {
    const sentAt = Date.now();
    const { userId, status, source } = await check(isolates.there, headers);
    samples.push({ sentAt, signedIn: userId !== null, status, source });
    await wait(100);
  }
  return samples;
};

describe.each([
  ["that never hears of it", async () => {}],
  ["that never hears of it and claims to be up to date", () => isolates.letReplicaLie()],
])("a session that ended, beside a replica %s", (_, settle) => {
  beforeEach(() => readyFor(isolates.there, isolates));

  it.each([
    ["by logout elsewhere", (session: StoredSession) => logout(session)],
    [
      "by the operator's own SQL",
      ({ userId }: StoredSession) => isolates.db.prepare("DELETE FROM user WHERE id = ?").bind(userId).run(),
    ],
  ])("%s: refused within the lag, by cookie and by bearer, and stays refused", async (_, end) => {
    const sessions = [await replicated(), await replicated()] as const;
    await readyFor(isolates.there, isolates);
    await settle();
    const asking = [cookies(sessions[0]), bearer(sessions[1])];
    for (const headers of asking) expect(await check(isolates.there, headers)).toMatchObject({ source: "replica" });
    for (const session of sessions) await end(session);
    const endedAt = Date.now();
    for (const samples of await Promise.all(asking.map((headers) => sample(headers, endedAt)))) {
      expect(samples.length).toBeGreaterThan(3);
      expect(samples.at(-1)?.signedIn).toBe(false);
      expect(samples.filter(({ status }) => status !== 200)).toEqual([]);
      expect(samples.filter(({ sentAt, signedIn }) => signedIn && sentAt > endedAt + LAG)).toEqual([]);
      const refused = samples.findIndex(({ signedIn }) => !signedIn);
      expect(samples.slice(refused).some(({ signedIn }) => signedIn)).toBe(false);
    }
  });

  it("is refused at once by the isolate that ended it", async () => {
    await readyFor(isolates.here, isolates);
    const session = await replicated();
    await settle();
    expect((await check(isolates.here, cookies(session))).source).toBe("replica");
    await logout(session);
    for (const headers of [cookies(session), bearer(session)]) {
      expect(await check(isolates.here, headers)).toMatchObject({ status: 200, userId: null });
    }
  });

  it("and the feed itself was read at the primary each time", async () => {
    const { Cookie } = cookies(await replicated());
    await settle();
    await isolates.there.calls();
    const until = Date.now() + 2 * LAG;
    while (Date.now() < until) {
      await check(isolates.there, { Cookie });
      await wait(200);
    }
    const calls = await isolates.there.calls();
    expect(calls.some(({ at, tiedTo }) => at === "primary" && tiedTo === "first-primary")).toBe(true);
    for (const { at, tiedTo } of calls) {
      if (at === "replica") expect(tiedTo).toMatch(/^[\da-f]{8}-/);
      else expect(tiedTo).toBe("first-primary");
    }
  });
});

describe("a busy isolate that reads the feed behind its answers from memory", () => {
  it("reads it at the primary, and can ask a replica afterwards as before", async () => {
    await readyFor(isolates.there, isolates);
    const [known, late] = [await replicated(), await replicated()];
    await isolates.letReplicaLie();
    const { proof } = await check(isolates.there, cookies(known));
    await isolates.there.calls();
    const until = Date.now() + 1.2 * LAG;
    while (Date.now() < until) {
      await check(isolates.there, cookies(known, proof));
      await wait(50);
    }
    const calls = await isolates.there.calls();
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.filter(({ at, tiedTo }) => at !== "primary" || tiedTo !== "first-primary")).toEqual([]);
    expect((await check(isolates.there, cookies(late))).source).toBe("replica");
  });
});

describe("a user whose profile changed", () => {
  it("is shown as the primary has it within the lag, and stays signed in", async () => {
    await readyFor(isolates.there, isolates);
    const session = await replicated();
    await isolates.letReplicaLie();
    expect((await check(isolates.there, cookies(session))).userId).toBe(session.userId);
    await isolates.db.prepare("UPDATE user SET nickname = '어피치' WHERE id = ?").bind(session.userId).run();
    await wait(LAG + 50);
    for (let turn = 0; turn < 3; turn += 1) {
      const { response } = await check(isolates.there, cookies(session));
      expect(await response.json()).toMatchObject({ user: { id: session.userId, nickname: "어피치" } });
    }
  });
});

const logout = (session: StoredSession) => isolates.here.fetch("/logout", { method: "POST", headers: unsafe(session) });
