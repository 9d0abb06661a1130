import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Asker } from "../../../../src/session/check/known.ts";
import { createMemory, type Memory } from "../../../../src/session/check/memory.ts";
import { type CheckTools, checkQuickly, type QuickResult } from "../../../../src/session/check/quick-check.ts";
import { createIsolate, HOUR, LAG, MINUTE, storeRevocations, storeSession, TOKEN } from "./isolate.ts";
import { createSqliteD1, type SqliteD1 } from "./sqlite-d1.ts";

let database: SqliteD1;
let background: Promise<unknown>[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  database = createSqliteD1();
  background = [];
  storeSession(database, { absolute: 123 * HOUR });
});
afterEach(() => {
  vi.useRealTimers();
});

const isolate = (asker: Asker = "browser", memory: Memory = createMemory()): CheckTools =>
  createIsolate(database.d1, background, { asker, memory });

const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

const revokeOthers = (count: number): void =>
  storeRevocations(
    database,
    Array.from({ length: count }, (_, n) => `other${n}`),
  );

const ask = async (
  tools: CheckTools,
  proof: string | null,
  transport: "cookie" | "bearer" = "cookie",
): Promise<QuickResult> => {
  const result = await checkQuickly(tools, { transport, token: TOKEN }, proof);
  await Promise.all(background);
  return result;
};

const proofIn = (result: QuickResult): string | null => (result.kind === "signed_in" ? result.proof : null);

/** Makes a check whose answer from D1 is held back; the function returned lets it come in. */
const heldBack = async (tools: CheckTools): Promise<() => Promise<unknown>> => {
  let release = (): void => {};
  let answered = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const read = new Promise<void>((resolve) => {
    answered = resolve;
  });
  database.after = () => {
    database.after = async () => {};
    answered();
    return gate;
  };
  const check = checkQuickly(tools, { transport: "bearer", token: "u".repeat(43) }, null);
  await read;
  return () => {
    release();
    return check;
  };
};

test("a mass sign-out whose answers come in out of order skips nobody (CWE-613)", async () => {
  revokeOthers(2500);
  const proof = proofIn(await ask(isolate(), null)) ?? "";
  const fresh = isolate();
  const first = await heldBack(fresh);
  pass(10);
  revokeOthers(700);
  database.sql.exec("DELETE FROM user_session");
  revokeOthers(799);
  await ask(fresh, null, "bearer");
  pass(10);
  const third = await heldBack(fresh);
  await first();
  await third();
  let seconds = 0;
  for (let second = 0; second < 300; second += 1) {
    pass(1000);
    if ((await ask(fresh, proof)).kind === "signed_in") seconds += 1;
  }
  expect(seconds).toBe(0);
});

test("many checks at once behind an old feed read it once in the background, not once each", async () => {
  const tools = isolate();
  revokeOthers(1);
  await ask(tools, null);
  revokeOthers(1);
  database.sql.exec("DELETE FROM revocation WHERE seq < (SELECT max(seq) FROM revocation)");
  pass(LAG);
  const before = database.trips;
  database.after = () => new Promise((resolve) => setTimeout(resolve, 5));
  await Promise.all(Array.from({ length: 100 }, () => ask(tools, null, "bearer")));
  expect(database.trips - before).toBeLessThanOrEqual(110);
});

describe("who can renew a session is not kept from it by answers that others were given", () => {
  /** Active until a moment ago, and idle for ten hours more. */
  const becomeIdle = (): void => {
    const now = Date.now();
    database.sql.exec(`UPDATE user_session SET active_expires = ${now - HOUR}, idle_expires = ${now + 10 * HOUR}`);
  };

  test("a browser behind a proxy that hands its proofs on", async () => {
    becomeIdle();
    const memory = createMemory();
    let proof: { text: string | null; until: number } = { text: null, until: 0 };
    const browse = async (asker: Asker): Promise<QuickResult> => {
      const result = await ask(isolate(asker, memory), Date.now() < proof.until ? proof.text : null);
      const text = proofIn(result);
      if (text !== null) proof = { text, until: Date.now() + 5 * MINUTE };
      return result;
    };
    for (let minute = 0; minute < 11 * 60; minute += 1) {
      expect(await browse("proxy")).toMatchObject({ kind: "signed_in" });
      expect(await browse("browser")).toMatchObject({ kind: "signed_in" });
      pass(MINUTE);
    }
  });

  test("a bearer whose token a Worker asks about, too", async () => {
    becomeIdle();
    const memory = createMemory();
    for (let minute = 0; minute < 11 * 60; minute += 1) {
      expect(await ask(isolate("worker", memory), null)).toMatchObject({ kind: "signed_in" });
      expect(await ask(isolate("browser", memory), null, "bearer")).toMatchObject({ kind: "signed_in" });
      pass(MINUTE);
    }
  });
});

describe.each(["proxy", "worker"] as const)("a %s is answered from memory beside", (asker) => {
  test("a proof whose session is due for a renewal, which it could not make", async () => {
    database.sql.exec(`UPDATE user_session SET active_expires = ${Date.now() + MINUTE}`);
    const proof = proofIn(await ask(isolate(), null));
    pass(2 * MINUTE);
    const tools = isolate(asker);
    await ask(tools, proof);
    expect(await ask(tools, proof)).toMatchObject({ kind: "signed_in", source: "memory" });
  });

  test.each<[name: string, proof: (good: string) => string | null]>([
    ["a proof that was outdated", (good) => good],
    ["a bad proof", () => "garbage.x"],
    ["none", () => null],
  ])("%s", async (_name, proofOf) => {
    const good = proofIn(await ask(isolate(), null)) ?? "";
    database.sql.exec("UPDATE user SET nickname = '프로도'");
    const tools = isolate(asker);
    await ask(tools, proofOf(good));
    const before = database.trips;
    for (let turn = 0; turn < 20; turn += 1) {
      expect(await ask(tools, proofOf(good))).toMatchObject({ signedIn: { user: { nickname: "프로도" } } });
    }
    expect(database.trips - before).toBe(0);
  });
});
