import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFeed, type Feed, isFresh, stillHolds } from "../../../../src/session/check/feed.ts";
import { readFeed } from "../../../../src/session/check/feed-reads.ts";
import type { Statement } from "../../../../src/session/check/proof.ts";
import { createSqliteD1, type SqliteD1 } from "./sqlite-d1.ts";

const LAG = 5000;
const MINUTE = 60_000;
const PAGE = 2000;

let database: SqliteD1;
let feed: Feed;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  database = createSqliteD1();
  feed = createFeed();
});
afterEach(() => {
  vi.useRealTimers();
});

const read = () => readFeed(database.d1, feed);
const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);
const newest = () => Number(database.sql.prepare("SELECT coalesce(max(seq), 0) AS seq FROM revocation").get()?.seq);
const isFreshNow = () => isFresh(feed, LAG, Date.now());

/** Notes revocations, at a moment of the database's own clock. */
const revoke = (subjects: string[], age = 0): void => {
  const insert = database.sql.prepare(
    "INSERT INTO revocation (subject, created_at) VALUES (?, unixepoch() * 1000 - ?)",
  );
  database.sql.exec("BEGIN");
  for (const subject of subjects) insert.run(subject, age);
  database.sql.exec("COMMIT");
};
const many = (count: number, name = "somebody"): string[] => Array.from({ length: count }, (_, n) => `${name}${n}`);

/** What Time Travel does: the last notices are gone, and their numbers are given out again. */
const restoreTo = (seq: number): void => {
  database.sql.exec(`DELETE FROM revocation WHERE seq > ${seq}; UPDATE sqlite_sequence SET seq = ${seq}`);
};

const statement = (seq: number, sessionHash = "session"): Statement =>
  ({ seq, sessionHash, signedIn: { user: { id: "user" } }, issuedAt: Date.now() }) as unknown as Statement;

/** Begins a read that D1 answers now; the answer arrives when the returned function is called. */
const readWithLateAnswer = async (): Promise<() => Promise<void>> => {
  const [answered, arrival] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  database.after = () => {
    database.after = async () => {};
    answered.resolve();
    return arrival.promise;
  };
  const reading = read();
  await answered.promise;
  return async () => {
    arrival.resolve();
    await reading;
  };
};

describe("the answer of an earlier read that comes after a later one's", () => {
  test("is no restored database, though its newest number is lower: nothing known is lost", async () => {
    revoke(many(3));
    await read();
    const said = statement(newest());
    const arrive = await readWithLateAnswer();
    pass(10);
    revoke(["session"]);
    await read();
    const { knownAt } = feed;
    await arrive();
    expect(stillHolds(feed, said)).toBe(false);
    expect(stillHolds(feed, statement(3, "another"))).toBe(true);
    expect(feed).toMatchObject({ epoch: 0, seq: 4, knownAt });
    expect(isFreshNow()).toBe(true);
  });

  test("does not make a revocation look older than it is", async () => {
    await read();
    revoke(["session"]);
    const arrive = await readWithLateAnswer();
    revoke(["session"]);
    await read();
    await arrive();
    expect(stillHolds(feed, statement(1))).toBe(false);
    expect(stillHolds(feed, statement(2))).toBe(true);
  });

  test("from before the database was set back says nothing: the new low numbers are still read", async () => {
    revoke(many(10));
    await read();
    const arrive = await readWithLateAnswer();
    restoreTo(5);
    pass(10);
    await read();
    expect(isFreshNow()).toBe(false);
    pass(10);
    await read();
    await arrive();
    expect(feed.seq).toBe(5);
    const said = statement(newest());
    revoke(["session"]);
    await read();
    expect(feed.epoch).toBe(1);
    expect(stillHolds(feed, said)).toBe(false);
  });

  test("from before the database was set back does not make the feed fresh either", async () => {
    revoke(many(10));
    await read();
    const arrive = await readWithLateAnswer();
    restoreTo(5);
    await read();
    await arrive();
    expect(isFreshNow()).toBe(false);
  });
});

describe("a full page", () => {
  test.each([PAGE, PAGE + 1, 3 * PAGE])(
    "of %i new notices is all in one read: what was said before goes to D1",
    async (count) => {
      await read();
      const before = newest();
      revoke([...many(count - 1), "session"]);
      const { trips } = database;
      await read();
      expect(database.trips).toBe(trips + 1);
      expect(isFreshNow()).toBe(true);
      expect(feed.seq).toBe(newest());
      for (const subject of ["session", "somebody0", "another"]) {
        expect(stillHolds(feed, statement(before, subject))).toBe(false);
        expect(stillHolds(feed, statement(newest() - 1, subject))).toBe(false);
        expect(stillHolds(feed, statement(newest(), subject))).toBe(true);
      }
      expect(feed.revoked.size).toBe(0);
    },
  );

  test("one row short of it is remembered row by row", async () => {
    await read();
    revoke([...many(PAGE - 2), "session"]);
    await read();
    expect(stillHolds(feed, statement(0))).toBe(false);
    expect(stillHolds(feed, statement(0, "another"))).toBe(true);
  });
});

describe("memory", () => {
  test("is bounded, also when no single read is large", async () => {
    await read();
    for (let turn = 0; turn < 12; turn += 1) {
      revoke(many(PAGE - 1, `turn${turn}-`));
      await read();
      expect(feed.revoked.size).toBeLessThanOrEqual(20_000);
    }
    expect(stillHolds(feed, statement(0, "turn0-0"))).toBe(false);
    expect(stillHolds(feed, statement(0, "turn11-0"))).toBe(false);
    expect(stillHolds(feed, statement(newest(), "turn0-0"))).toBe(true);
  });
});

describe("a cold read", () => {
  test("judges nothing that knows less than the row before its first one: what that missed was not read", async () => {
    revoke(["session", ...many(9)], 30 * MINUTE);
    revoke(["recent"]);
    await read();
    expect(stillHolds(feed, statement(0))).toBe(false);
    expect(stillHolds(feed, statement(9))).toBe(false);
    expect(stillHolds(feed, statement(10))).toBe(true);
    expect(stillHolds(feed, statement(10, "recent"))).toBe(false);
  });

  test("of a window without rows judges nothing that knows less than the newest one of all", async () => {
    revoke(["session", ...many(9)], 30 * MINUTE);
    await read();
    expect(stillHolds(feed, statement(9))).toBe(false);
    expect(stillHolds(feed, statement(10))).toBe(true);
  });

  test("of an empty table judges everything", async () => {
    await read();
    expect(stillHolds(feed, statement(0))).toBe(true);
  });
});
