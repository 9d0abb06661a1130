import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { outdate } from "../../../../src/session/check/feed.ts";
import { type CheckTools, checkQuickly, type QuickResult } from "../../../../src/session/check/quick-check.ts";
import { createIsolate, LAG, storeSession, TOKEN } from "./isolate.ts";
import { createSqliteD1, type SqliteD1 } from "./sqlite-d1.ts";

let database: SqliteD1;
let background: Promise<unknown>[];
let here: CheckTools;
let there: CheckTools;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  database = createSqliteD1();
  storeSession(database);
  background = [];
  here = tools();
  there = tools();
});
afterEach(() => {
  vi.useRealTimers();
});

const tools = (lag = LAG): CheckTools => createIsolate(database.d1, background, { lag });

const byCookie = (isolate: CheckTools, proof: string | null = null): Promise<QuickResult> =>
  checkQuickly(isolate, { transport: "cookie", token: TOKEN }, proof);
const byBearer = (isolate: CheckTools): Promise<QuickResult> =>
  checkQuickly(isolate, { transport: "bearer", token: TOKEN }, null);

/** Where an answer came from, and how often D1 was asked before it; then lets background work end. */
const costOf = async (ask: () => Promise<QuickResult>): Promise<[string, number]> => {
  const before = database.trips;
  const result = await ask();
  const { trips } = database;
  await Promise.all(background);
  return [result.kind === "signed_in" ? result.source : result.kind, trips - before];
};

const proofFrom = async (isolate: CheckTools): Promise<string> => {
  const result = await byCookie(isolate);
  await Promise.all(background);
  if (result.kind !== "signed_in" || result.proof === null) throw new Error("no proof");
  return result.proof;
};

const endSession = () => database.sql.exec("DELETE FROM user_session");
const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

describe("where an answer comes from, and how often D1 is asked before it", () => {
  test("a cookie: D1, then memory; in another isolate D1 once, which reads the feed as well, then memory", async () => {
    const proof = await proofFrom(here);
    expect(await costOf(() => byCookie(here, proof))).toEqual(["memory", 0]);
    expect(await costOf(() => byCookie(there, proof))).toEqual(["database", 1]);
    expect(await costOf(() => byCookie(there, proof))).toEqual(["memory", 0]);
  });

  test("another Worker, which can keep no proof: D1, then memory, of one entry", async () => {
    here = { ...here, asker: "worker" };
    expect(await byCookie(here)).toMatchObject({ source: "database", proof: null });
    for (let turn = 0; turn < 5; turn += 1) expect(await costOf(() => byCookie(here))).toEqual(["memory", 0]);
    expect(here.memory.recent.size).toBe(1);
    endSession();
    pass(LAG);
    expect(await byCookie(here)).toEqual({ kind: "signed_out" });
  });

  test("a proxy, which may hand the proof on or not: D1, then memory, and the proof is good elsewhere", async () => {
    here = { ...here, asker: "proxy" };
    const proof = await proofFrom(here);
    expect(await costOf(() => byCookie(here))).toEqual(["memory", 0]);
    expect(await costOf(() => byCookie(here, proof))).toEqual(["memory", 0]);
    pass(1);
    await proofFrom(there);
    there = { ...there, asker: "proxy" };
    expect(await costOf(() => byCookie(there, proof))).toEqual(["proof", 0]);
  });

  test("a browser without its proof: D1 each time, or it would never get one", async () => {
    await proofFrom(here);
    expect(await costOf(() => byCookie(here))).toEqual(["database", 1]);
  });

  test("a bearer: D1, then memory", async () => {
    expect((await costOf(() => byBearer(here)))[0]).toBe("database");
    expect(await costOf(() => byBearer(here))).toEqual(["memory", 0]);
    expect((await costOf(() => byBearer(there)))[0]).toBe("database");
  });

  test("a busy isolate reads the feed behind the answer; a quiet one before it", async () => {
    const proof = await proofFrom(here);
    pass(LAG * 0.8);
    const trips = database.trips;
    expect(await costOf(() => byCookie(here, proof))).toEqual(["memory", expect.any(Number)]);
    expect(database.trips).toBe(trips + 1);
    pass(LAG);
    expect(await costOf(() => byCookie(here, proof))).toEqual(["database", 1]);
    expect((await byCookie(here, proof)).kind).toBe("signed_in");
  });

  test("a proof that another isolate made: believed without D1 where the feed is fresh", async () => {
    const proof = await proofFrom(here);
    await byBearer(there);
    expect(await costOf(() => byCookie(there, proof))).toEqual(["proof", 0]);
  });

  test("a lag of zero: D1 each time, no proof, and none believed", async () => {
    const strict = tools(0);
    const proof = await proofFrom(here);
    for (const work of [byCookie(strict, proof), byCookie(strict, proof), byBearer(strict), byBearer(strict)]) {
      expect(await work).toMatchObject({ kind: "signed_in", source: "database", proof: null });
    }
    expect(await costOf(() => byCookie(strict, proof))).toEqual(["database", 1]);
  });

  test("a proof that has ended: D1 again, and a new one", async () => {
    const proof = await proofFrom(here);
    pass(5 * 60_000);
    const result = await byCookie(here, proof);
    expect(result).toMatchObject({ source: "database", proof: expect.any(String) });
  });
});

describe("a session that ended", () => {
  test.each([
    ["a cookie", async () => byCookie(here, await proofFrom(here))],
    ["a bearer", () => byBearer(here)],
  ])("elsewhere is refused by the first answer after the lag: %s", async (_, ask) => {
    const proof = await proofFrom(here);
    await byBearer(here);
    expect((await ask()).kind).toBe("signed_in");
    endSession();
    pass(LAG);
    expect((await byCookie(here, proof)).kind).toBe("signed_out");
    expect((await byBearer(here)).kind).toBe("signed_out");
  });

  test("here is refused at once", async () => {
    const proof = await proofFrom(here);
    endSession();
    outdate(here.memory.feed);
    expect((await byCookie(here, proof)).kind).toBe("signed_out");
  });

  test("here while a check of it is under way: what that check learned does not outlive it", async () => {
    await proofFrom(here);
    database.after = async () => {
      database.after = async () => {};
      endSession();
      outdate(here.memory.feed);
    };
    expect((await byBearer(here)).kind).toBe("signed_in");
    expect((await byBearer(here)).kind).toBe("signed_out");
    pass(LAG);
    expect((await byBearer(here)).kind).toBe("signed_out");
  });
});

describe("while D1 is down", () => {
  const outage = () => {
    database.before = () => Promise.reject(new Error("D1_ERROR: down"));
  };

  test("an answer holds for what is left of the lag, and not a millisecond longer", async () => {
    const proof = await proofFrom(here);
    outage();
    pass(LAG - 1);
    expect((await byCookie(here, proof)).kind).toBe("signed_in");
    await Promise.all(background);
    pass(1);
    expect((await byCookie(here, proof)).kind).toBe("unavailable");
    database.before = async () => {};
    expect(await byCookie(here, proof)).toMatchObject({ kind: "signed_in", source: "database", proof: null });
    expect(await byCookie(here, proof)).toMatchObject({ kind: "signed_in", source: "memory" });
  });

  test("after a revocation of its own the isolate answers nothing from memory: it cannot know whose it was", async () => {
    const proof = await proofFrom(here);
    outdate(here.memory.feed);
    outage();
    expect((await byCookie(here, proof)).kind).toBe("unavailable");
  });

  test("a failing background read rejects nothing", async () => {
    const proof = await proofFrom(here);
    outage();
    pass(LAG * 0.8);
    expect((await byCookie(here, proof)).kind).toBe("signed_in");
    await expect(Promise.all(background)).resolves.toBeDefined();
  });
});

describe("a herd", () => {
  test("of fifty checks on a stale feed: all say what is so", async () => {
    const proof = await proofFrom(here);
    endSession();
    pass(LAG);
    const results = await Promise.all(Array.from({ length: 50 }, () => byCookie(here, proof)));
    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(["signed_out"]));
  });

  test("of fifty checks on a feed that is due: one of them reads it", async () => {
    const proof = await proofFrom(here);
    pass(LAG * 0.8);
    const { trips } = database;
    await Promise.all(Array.from({ length: 50 }, () => byCookie(here, proof)));
    await Promise.all(background);
    expect(database.trips - trips).toBe(1);
  });
});
