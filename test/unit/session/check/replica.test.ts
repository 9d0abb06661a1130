import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { outdate } from "../../../../src/session/check/feed.ts";
import { readFeed } from "../../../../src/session/check/feed-reads.ts";
import { createMemory } from "../../../../src/session/check/memory.ts";
import { type CheckTools, checkQuickly } from "../../../../src/session/check/quick-check.ts";
import { openPrimary } from "../../../../src/session/database.ts";
import { createIsolate, HOUR, LAG, storeRevocations, storeSession, TOKEN } from "./isolate.ts";
import { createSqliteD1, type SqliteD1 } from "./sqlite-d1.ts";

const BEFORE = `${"00000001-".repeat(3)}${"0".repeat(32)}`;
const NOW = `${"00000002-".repeat(3)}${"0".repeat(32)}`;
const LATER = `${"00000003-".repeat(3)}${"0".repeat(32)}`;

let primary: SqliteD1;
let replica: SqliteD1;
/** What D1 sessions were tied to, in order. */
let tied: string[];
let background: Promise<unknown>[];
let tools: CheckTools;

/** D1 with both: the replica answers whatever it knows, caught up or not, which is worse than D1 promises. */
const bothAs = (): D1Database =>
  ({
    ...primary.d1,
    withSession: (constraint: string) => {
      tied.push(constraint);
      const { d1 } = constraint === "first-primary" ? primary : replica;
      return { batch: d1.batch, prepare: d1.prepare, getBookmark: () => NOW };
    },
  }) as unknown as D1Database;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  [primary, replica] = [createSqliteD1(), createSqliteD1()];
  for (const database of [primary, replica]) storeSession(database);
  background = [];
  const db = bothAs();
  tools = createIsolate(openPrimary(db, { readReplicas: true }), background, {
    replicas: { db, bookmark: null },
  });
  tied = [];
  await readFeed(tools.db, tools.memory.feed);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);
const sourceOf = async (change: Partial<CheckTools> = {}): Promise<string> => {
  const result = await checkQuickly({ ...tools, ...change }, { transport: "cookie", token: TOKEN }, null);
  await Promise.all(background);
  return result.kind === "signed_in" ? result.source : result.kind;
};
const withBookmark = (bookmark: string): Partial<CheckTools> => ({
  replicas: tools.replicas && { ...tools.replicas, bookmark },
});

describe("a replica is asked", () => {
  test("while the feed is fresh, tied to the feed's bookmark; then never without reading the feed first", async () => {
    expect([await sourceOf(), tied]).toEqual(["replica", ["first-primary", NOW]]);
    pass(LAG);
    tied = [];
    expect([await sourceOf(), tied]).toEqual(["database", ["first-primary"]]);
    expect(await sourceOf()).toBe("replica");
  });

  test("tied to the feed's bookmark, whatever earlier moment the browser names", async () => {
    expect(await sourceOf(withBookmark(BEFORE))).toBe("replica");
    expect(tied.at(-1)).toBe(NOW);
  });

  test("not where the browser has seen more than the feed: it would wait for what the primary knows at once", async () => {
    tied = [];
    expect([await sourceOf(withBookmark(LATER)), tied]).toEqual(["database", ["first-primary"]]);
  });

  test("not without a bookmark of the feed's own, not with a lag of zero, and not when switched off", async () => {
    expect(await sourceOf({ lag: 0 })).toBe("database");
    expect(await sourceOf({ replicas: null })).toBe("database");
    tools.memory.feed.bookmark = null;
    expect(await sourceOf(withBookmark(LATER))).toBe("database");
  });

  test("and the feed is read behind its answer when that is due, so that a busy isolate never waits", async () => {
    pass(LAG * 0.8);
    tied = [];
    expect(await sourceOf()).toBe("replica");
    expect(tied).toEqual([NOW, "first-primary"]);
    pass(LAG * 0.8);
    expect(await sourceOf()).toBe("replica");
  });
});

describe("a replica that knows less than the feed", () => {
  test.each([
    ["the session ended", "DELETE FROM user_session", "signed_out"],
    ["the user is gone", "DELETE FROM user", "signed_out"],
    ["the profile changed", "UPDATE user SET nickname = '어피치'", "database"],
  ])("is not believed: %s", async (_, change, expected) => {
    primary.sql.exec(change);
    expect(await sourceOf()).toBe("replica");
    pass(LAG * 0.8);
    await readFeed(tools.db, tools.memory.feed);
    expect(await sourceOf()).toBe(expected);
  });

  test("nor after a revocation by this isolate, nor when one comes while it answers", async () => {
    primary.sql.exec("DELETE FROM user_session");
    replica.after = async () => outdate(tools.memory.feed);
    expect(await sourceOf()).toBe("signed_out");
  });

  test("nor when the lag runs out while it answers", async () => {
    primary.sql.exec("DELETE FROM user_session");
    replica.after = async () => {
      pass(LAG);
    };
    expect(await sourceOf()).toBe("signed_out");
  });

  test("nor, by any isolate, in a proof of what it said", async () => {
    primary.sql.exec("DELETE FROM user_session");
    const result = await checkQuickly(tools, { transport: "cookie", token: TOKEN }, null);
    const proof = result.kind === "signed_in" ? result.proof : null;
    expect(proof).not.toBeNull();
    const elsewhere = { ...tools, memory: createMemory() };
    await readFeed(elsewhere.db, elsewhere.memory.feed);
    const seen = await checkQuickly(elsewhere, { transport: "cookie", token: TOKEN }, proof);
    expect(seen.kind).toBe("signed_out");
  });

  test("is not asked again once the database was set back, before the feed has a new bookmark", async () => {
    primary.sql.exec("UPDATE user SET nickname = 'x'");
    await readFeed(tools.db, tools.memory.feed);
    primary.sql.exec("DELETE FROM revocation");
    await readFeed(tools.db, tools.memory.feed);
    expect(tools.memory.feed.bookmark).toBeNull();
    expect(await sourceOf()).toBe("database");
  });
});

describe("a replica that still has the database from before a restore is not believed (CWE-613)", () => {
  /** The session is gone, and other revocations have the old numbers. */
  const restorePrimary = async () => {
    for (const database of [primary, replica]) storeRevocations(database, ["a", "b", "c"]);
    await readFeed(tools.db, tools.memory.feed);
    pass(1000);
    primary.sql.exec("DELETE FROM user_session; DELETE FROM revocation; DELETE FROM sqlite_sequence");
    storeRevocations(primary, ["x", "y", "z"]);
  };

  /** A read of the feed that has begun; it comes back when the result is called. */
  const beginRead = (): (() => Promise<void>) => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    primary.after = () => {
      primary.after = async () => {};
      return gate;
    };
    const read = readFeed(tools.db, tools.memory.feed);
    return () => {
      release();
      return read;
    };
  };

  /** That read comes back, and one more after it, while the replica answers. */
  const comesBackMeanwhile = (finishRead: () => Promise<void>) => {
    replica.after = async () => {
      replica.after = async () => {};
      await finishRead();
      pass(1);
      await readFeed(tools.db, tools.memory.feed);
      pass(1);
    };
  };

  test("where the feed finds that out while it answers, by a read that began before", async () => {
    await restorePrimary();
    const finishRead = beginRead();
    pass(1);
    comesBackMeanwhile(finishRead);
    expect(await sourceOf()).toBe("signed_out");
  });

  test("where that read began while the check was on its way to the replica", async () => {
    await restorePrimary();
    const digest = crypto.subtle.digest.bind(crypto.subtle);
    vi.spyOn(crypto.subtle, "digest").mockImplementationOnce(async (...input) => {
      const hash = await digest(...input);
      pass(1);
      comesBackMeanwhile(beginRead());
      pass(1);
      return hash;
    });
    expect(await sourceOf()).toBe("signed_out");
  });
});

describe("a replica never signs anybody out", () => {
  test.each([
    ["it does not know the session", "DELETE FROM user_session"],
    ["it does not know the user", "DELETE FROM user"],
    ["it takes the session for over", "UPDATE user_session SET idle_expires = 1, active_expires = 1"],
    ["it takes the login for over", "UPDATE user_session SET absolute_expires = 1"],
  ])("when %s, the primary is asked", async (_, change) => {
    replica.sql.exec(change);
    const trips = primary.trips;
    expect(await sourceOf()).toBe("database");
    expect(primary.trips).toBe(trips + 1);
    // That was no failure of its: the next session may be one that it knows.
    expect(await sourceOf({ asker: "worker" })).toBe("database");
    expect(tools.memory.replicaFailedAt).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe("a replica that fails", () => {
  const fail = () => {
    replica.before = () => Promise.reject(new Error("D1_ERROR: no such replica"));
  };

  test("is left alone for two seconds, and no longer", async () => {
    fail();
    expect(await sourceOf()).toBe("database");
    replica.before = async () => {};
    pass(1999);
    expect(await sourceOf()).toBe("database");
    pass(1);
    expect(await sourceOf()).toBe("replica");
  });

  test("over a bookmark that only a browser knows costs nobody else anything", async () => {
    fail();
    expect(await sourceOf(withBookmark(LATER))).toBe("database");
    replica.before = async () => {};
    expect(await sourceOf()).toBe("replica");
  });

  test("beside a primary that is down: unavailable, never signed out", async () => {
    fail();
    primary.before = () => Promise.reject(new Error("D1_ERROR: down"));
    expect(await sourceOf()).toBe("unavailable");
  });
});

describe("a session that is due for a write", () => {
  test.each([
    ["its renewal", "UPDATE user_session SET active_expires = ?", -1],
    ["a note that it was seen", "UPDATE user_session SET last_seen_at = ?", -HOUR - 1],
  ])("goes to the primary, where the check can write: %s", async (_, change, ago) => {
    for (const { sql } of [primary, replica]) sql.prepare(change).run(Date.now() + ago);
    await readFeed(tools.db, tools.memory.feed);
    expect(await sourceOf({ asker: "worker" })).toBe("replica");
    expect(await sourceOf()).toBe("database");
  });

  test("in a moment: what the replica said is not repeated beyond that moment", async () => {
    replica.sql.prepare("UPDATE user_session SET active_expires = ?").run(Date.now() + 1000);
    const result = await checkQuickly(tools, { transport: "bearer", token: TOKEN }, null);
    expect(result).toMatchObject({ kind: "signed_in", source: "replica" });
    pass(1001);
    const again = await checkQuickly(tools, { transport: "bearer", token: TOKEN }, null);
    expect(again).toMatchObject({ kind: "signed_in", source: "database" });
  });
});
