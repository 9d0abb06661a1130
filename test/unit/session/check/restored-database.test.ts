import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readFeed } from "../../../../src/session/check/feed-reads.ts";
import { type CheckTools, checkQuickly, type QuickResult } from "../../../../src/session/check/quick-check.ts";
import { createIsolate, HASH, LAG, storeRevocations, storeSession, TOKEN } from "./isolate.ts";
import { createSqliteD1, type SqliteD1 } from "./sqlite-d1.ts";

let database: SqliteD1;
let background: Promise<unknown>[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  database = createSqliteD1();
  background = [];
  storeSession(database);
  revoke("first", "second", "third", "fourth");
});
afterEach(() => {
  vi.useRealTimers();
});

const newIsolate = (): CheckTools => createIsolate(database.d1, background);

const revoke = (...subjects: string[]): void => storeRevocations(database, subjects);

/** D1 Time Travel to the moment of this revocation, when the session was not there yet. */
const restoreTo = (seq: number): void => {
  database.sql.exec(`
    DELETE FROM user_session;
    DELETE FROM revocation WHERE seq > ${seq};
    UPDATE sqlite_sequence SET seq = ${seq} WHERE name = 'revocation';`);
};

const check = async (isolate: CheckTools, proof: string | null): Promise<QuickResult> => {
  const result = await checkQuickly(isolate, { transport: "cookie", token: TOKEN }, proof);
  await Promise.all(background);
  return result;
};

const proofFrom = async (isolate: CheckTools): Promise<string> => {
  const result = await check(isolate, null);
  if (result.kind !== "signed_in" || result.proof === null) throw new Error("no proof");
  return result.proof;
};

/** Seconds, of five minutes of checks every second, in which an isolate that is past its lag says "signed in". */
const secondsSignedIn = async (isolate: CheckTools, proof: string): Promise<number> => {
  let seconds = 0;
  vi.setSystemTime(Date.now() + LAG);
  for (let second = 0; second < 300; second += 1) {
    if ((await check(isolate, proof)).kind === "signed_in") seconds += 1;
    vi.setSystemTime(Date.now() + 1000);
  }
  return seconds;
};

describe("after a restore of the database, a session that it does not know is refused within the lag (CWE-613)", () => {
  test("by an isolate that knew more than is there now", async () => {
    const isolate = newIsolate();
    const proof = await proofFrom(isolate);
    restoreTo(1);
    expect(await secondsSignedIn(isolate, proof)).toBe(0);
  });

  test("by an isolate that never saw the database before", async () => {
    const proof = await proofFrom(newIsolate());
    restoreTo(1);
    expect(await secondsSignedIn(newIsolate(), proof)).toBe(0);
  });

  test.each([3, 4, 9])("by an isolate that reads only after %i new revocations took the old numbers", async (count) => {
    const isolate = newIsolate();
    const proof = await proofFrom(isolate);
    vi.setSystemTime(Date.now() + 1000);
    restoreTo(1);
    revoke(...Array.from({ length: count }, (_, n) => `new${n}`));
    expect(await secondsSignedIn(isolate, proof)).toBe(0);
  });

  test("and the same subjects in the same places, a second later, are another history", async () => {
    const isolate = newIsolate();
    const proof = await proofFrom(isolate);
    vi.setSystemTime(Date.now() + 1000);
    restoreTo(0);
    revoke("first", HASH, "third", "fourth");
    expect(await secondsSignedIn(isolate, proof)).toBe(0);
  });

  test("though its proof is a millisecond older than the read that finds the restore", async () => {
    const [isolate, other] = [newIsolate(), newIsolate()];
    await proofFrom(isolate);
    vi.setSystemTime(Date.now() + LAG);
    const proof = await proofFrom(other);
    restoreTo(1);
    revoke("new0", "new1", "new2");
    vi.setSystemTime(Date.now() + 1);
    await check(isolate, proof);
    expect(await secondsSignedIn(isolate, proof)).toBe(0);
  });

  test("though D1's answer from before it was held back until the feed had started over", async () => {
    const isolate = newIsolate();
    await readFeed(isolate.db, isolate.memory.feed);
    vi.setSystemTime(Date.now() + LAG);
    database.after = async () => {
      database.after = async () => {};
      vi.setSystemTime(Date.now() + 1000);
      restoreTo(1);
      revoke("new0", "new1", "new2", "new3");
      for (let read = 0; read < 2; read += 1) {
        await readFeed(isolate.db, isolate.memory.feed);
        vi.setSystemTime(Date.now() + 1);
      }
    };
    expect(await secondsSignedIn(isolate, await proofFrom(isolate))).toBe(0);
  });
});

test("an isolate that was quiet over a restore remembers again afterwards", async () => {
  const isolate = newIsolate();
  revoke(...Array.from({ length: 500 }, (_, n) => `old${n}`));
  database.sql.exec("UPDATE revocation SET created_at = created_at - 1800000");
  await proofFrom(isolate);
  vi.setSystemTime(Date.now() + 7 * 60 * 1000);
  database.sql.exec(
    "DELETE FROM revocation WHERE seq > 50; UPDATE sqlite_sequence SET seq = 50 WHERE name = 'revocation'",
  );
  const proof = await proofFrom(isolate);
  const again = await check(isolate, proof);
  const kept = again.kind === "signed_in" ? (again.proof ?? proof) : proof;
  const before = database.trips;
  for (let turn = 0; turn < 10; turn += 1) expect(await check(isolate, kept)).toMatchObject({ source: "memory" });
  expect(database.trips - before).toBe(0);
});

test("the read that finds a restored database answers for itself, and is remembered", async () => {
  const isolate = newIsolate();
  const proof = await proofFrom(isolate);
  const start = Date.now() + LAG;
  database.sql.exec("DELETE FROM revocation");
  // Each look at the clock is a millisecond after the last one, as on a busy machine.
  let looks = 0;
  const clock = vi.spyOn(Date, "now").mockImplementation(() => start + looks++);
  try {
    const found = await check(isolate, proof);
    if (found.kind !== "signed_in" || found.proof === null) throw new Error("no proof");
    expect(await check(isolate, found.proof)).toMatchObject({ source: "memory", proof: null });
  } finally {
    clock.mockRestore();
  }
});

test("a row that the sweep took costs one trip, and then memory answers again", async () => {
  const isolate = newIsolate();
  const proof = await proofFrom(isolate);
  revoke("fifth");
  database.sql.exec("DELETE FROM revocation WHERE seq < 5");
  vi.setSystemTime(Date.now() + LAG);
  const sources: string[] = [];
  let last = proof;
  for (let turn = 0; turn < 4; turn += 1) {
    const result = await check(isolate, last);
    if (result.kind !== "signed_in") throw new Error("signed out by the sweep");
    sources.push(result.source);
    last = result.proof ?? last;
  }
  expect(sources).toEqual(["database", "memory", "memory", "memory"]);
});
