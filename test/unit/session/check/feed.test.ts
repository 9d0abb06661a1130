import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFeed, type Feed, isDue, isFresh, outdate, stillHolds } from "../../../../src/session/check/feed.ts";
import { readFeed } from "../../../../src/session/check/feed-reads.ts";
import type { Statement } from "../../../../src/session/check/proof.ts";
import { createSqliteD1, type SqliteD1 } from "./sqlite-d1.ts";

const LAG = 5000;
const MINUTE = 60_000;

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

/** Notes a revocation, at a moment of the database's own clock. */
const revoke = (subject: string, age = 0): void => {
  database.sql
    .prepare("INSERT INTO revocation (subject, created_at) VALUES (?, unixepoch() * 1000 - ?)")
    .run(subject, age);
};

const statement = (seq: number, sessionHash = "session", userId = "user"): Statement =>
  ({ seq, sessionHash, signedIn: { user: { id: userId } }, issuedAt: Date.now() }) as unknown as Statement;

describe("a new feed", () => {
  test("answers nothing and wants to be read", () => {
    expect(isFresh(feed, LAG, Date.now())).toBe(false);
    expect(isDue(feed, LAG, Date.now())).toBe(true);
  });

  test("knows after its first read what was revoked in the last minutes", async () => {
    revoke("session", 4 * MINUTE);
    await read();
    expect(isFresh(feed, LAG, Date.now())).toBe(true);
    expect(stillHolds(feed, statement(0))).toBe(false);
    expect(stillHolds(feed, statement(0, "another"))).toBe(true);
    expect(feed.seq).toBe(1);
  });

  test("does not carry what no living proof can be about, and still starts behind it", async () => {
    revoke("long ago", 30 * MINUTE);
    await read();
    expect(feed.revoked.size).toBe(0);
    expect(feed.seq).toBe(1);
  });

  test("covers the whole life of a proof: five minutes, and a little for the clocks", async () => {
    revoke("session", 5 * MINUTE + 30_000);
    await read();
    expect(stillHolds(feed, statement(0))).toBe(false);
  });
});

describe("a revocation", () => {
  test.each([
    ["of the session", "session"],
    ["of the user", "user"],
  ])("%s ends what was said before it, and nothing said after", async (_, subject) => {
    await read();
    revoke("somebody");
    const before = newest();
    revoke(subject);
    expect(stillHolds(feed, statement(before))).toBe(true);
    await read();
    expect(stillHolds(feed, statement(before))).toBe(false);
    expect(stillHolds(feed, statement(newest()))).toBe(true);
  });

  test("by this isolate outdates the feed until it was read again", async () => {
    await read();
    outdate(feed);
    expect(isFresh(feed, LAG, Date.now())).toBe(false);
    await read();
    expect(isFresh(feed, LAG, Date.now())).toBe(true);
  });

  test("by this isolate while a read is on its way is not covered by that read", async () => {
    const reading = read();
    outdate(feed);
    await reading;
    expect(isFresh(feed, LAG, Date.now())).toBe(false);
  });

  test.each([999, 1000, 1001, 1500, 2000, 5000])("of %i at once is read to the last one", async (count) => {
    await read();
    for (let n = 0; n < count; n += 1) revoke(`s${n}`);
    revoke("session");
    await read();
    expect(stillHolds(feed, statement(0, "session"))).toBe(false);
    expect(feed.seq).toBe(count + 1);
  });
});

describe("age", () => {
  test("the lag is a bound, counted from when the read began", async () => {
    database.before = async () => void pass(3000);
    await read();
    expect(isFresh(feed, LAG, Date.now())).toBe(true);
    pass(LAG - 3000 - 1);
    expect(isFresh(feed, LAG, Date.now())).toBe(true);
    pass(1);
    expect(isFresh(feed, LAG, Date.now())).toBe(false);
  });

  test("a lag of zero is never fresh", async () => {
    await read();
    expect(isFresh(feed, 0, Date.now())).toBe(false);
  });

  test("a read is due before the feed is stale, and not twice", async () => {
    await read();
    expect(isDue(feed, LAG, Date.now())).toBe(false);
    pass(LAG * 0.75);
    expect(isFresh(feed, LAG, Date.now())).toBe(true);
    expect(isDue(feed, LAG, Date.now())).toBe(true);
    let finish: () => void = () => {};
    database.before = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const reading = read();
    expect(isDue(feed, LAG, Date.now())).toBe(false);
    finish();
    await reading;
    expect(isDue(feed, LAG, Date.now())).toBe(false);
  });

  test("a read that never comes back is given up, and another may begin", () => {
    feed.refreshingSince = Date.now();
    expect(isDue(feed, LAG, Date.now() + 1000)).toBe(false);
    expect(isDue(feed, LAG, Date.now() + 3001)).toBe(true);
  });

  test("a read that fails leaves the feed as old as it was", async () => {
    await read();
    const { knownAt } = feed;
    pass(4000);
    database.before = () => Promise.reject(new Error("D1_ERROR"));
    await expect(read()).rejects.toThrow("D1_ERROR");
    expect(feed.knownAt).toBe(knownAt);
    expect(feed.refreshingSince).toBeNull();
  });

  test("a slow read that began earlier does not make the feed look younger than it is", async () => {
    await read();
    let finish: () => void = () => {};
    database.before = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const slow = read();
    pass(1000);
    database.before = async () => {};
    await read();
    const { knownAt } = feed;
    finish();
    await slow;
    expect(feed.knownAt).toBe(knownAt);
  });
});

describe("a clock that jumps", () => {
  test("back: the feed is from the future, answers nothing, and starts over", async () => {
    await read();
    revoke("session");
    pass(-60 * MINUTE);
    expect(isFresh(feed, LAG, Date.now())).toBe(false);
    await read();
    expect(isFresh(feed, LAG, Date.now())).toBe(true);
    expect(stillHolds(feed, statement(0))).toBe(false);
  });

  test("forward: the feed is stale, and starts over with the window", async () => {
    await read();
    revoke("session");
    pass(60 * MINUTE);
    expect(isFresh(feed, LAG, Date.now())).toBe(false);
    await read();
    expect(stillHolds(feed, statement(0))).toBe(false);
  });

  test("back while a read is on its way: the read does not count as one from the future", async () => {
    database.before = async () => void pass(-60 * MINUTE);
    await read();
    expect(isFresh(feed, LAG, Date.now())).toBe(false);
    const lost = { ...createFeed(), refreshingSince: Date.now() + MINUTE };
    expect(isDue(lost, LAG, Date.now())).toBe(true);
  });
});

describe("a gap", () => {
  test("an isolate that slept while notices were swept starts over, and what is newer is known", async () => {
    for (let n = 0; n < 10; n += 1) revoke(`s${n}`);
    await read();
    for (let n = 10; n < 20; n += 1) revoke(`s${n}`);
    database.sql.exec("DELETE FROM revocation");
    revoke("session");
    pass(2 * 60 * MINUTE);
    await read();
    expect(feed.seq).toBe(21);
    expect(stillHolds(feed, statement(20))).toBe(false);
    expect(stillHolds(feed, statement(21))).toBe(true);
  });

  test("numbers that are missing in between are no gap", async () => {
    await read();
    for (let n = 0; n < 10; n += 1) revoke(`s${n}`);
    database.sql.exec("DELETE FROM revocation WHERE seq < 10");
    revoke("session");
    await read();
    expect(feed.seq).toBe(11);
    expect(stillHolds(feed, statement(10))).toBe(false);
  });

  test("a database that was restored to an earlier moment is noticed: its new numbers are read, though they are low", async () => {
    for (let n = 0; n < 10; n += 1) revoke(`s${n}`);
    await read();
    database.sql.exec(
      "DELETE FROM revocation WHERE seq > 5; UPDATE sqlite_sequence SET seq = 5 WHERE name = 'revocation'",
    );
    const said = statement(newest());
    revoke("session");
    pass(LAG);
    await read();
    expect(stillHolds(feed, said)).toBe(false);
  });
});

describe("more subjects than an isolate keeps", () => {
  const flood = (count: number) => {
    database.sql.exec("BEGIN");
    for (let n = 0; n < count; n += 1) revoke(`flood${n}`);
    database.sql.exec("COMMIT");
  };

  test("are forgotten, and everything said before is left to D1", async () => {
    await read();
    revoke("session");
    flood(20_100);
    await read();
    expect(feed.revoked.size).toBeLessThan(20_001);
    expect(stillHolds(feed, statement(0))).toBe(false);
    expect(stillHolds(feed, statement(0, "another", "other"))).toBe(false);
    expect(stillHolds(feed, statement(newest()))).toBe(true);
  });

  test("are forgotten by a first read as well", async () => {
    flood(20_000);
    revoke("session");
    await read();
    expect(feed.seq).toBe(20_001);
    expect(stillHolds(feed, statement(20_000))).toBe(false);
    expect(stillHolds(feed, statement(20_001))).toBe(true);
  });
});

describe("a herd", () => {
  test("fifty reads at once end with the same knowledge", async () => {
    await read();
    for (let n = 0; n < 1500; n += 1) revoke(`s${n}`);
    revoke("session");
    await Promise.all(Array.from({ length: 50 }, read));
    expect(feed.seq).toBe(1501);
    expect(stillHolds(feed, statement(1500))).toBe(false);
    expect(feed.refreshingSince).toBeNull();
  });
});
