import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readyFor, startReplicated, UNDER_LOAD } from "./support/replicas.ts";
import { bookmarkAt } from "./support/replicated-d1.ts";
import { check, cookies, storeSession } from "./support/sessions.ts";
import { SHOP } from "./support/worker.ts";

let isolates: Awaited<ReturnType<typeof startReplicated<"asked">>>;
beforeAll(async () => {
  isolates = await startReplicated({ asked: { vars: { D1_READ_REPLICAS: "true", REVOCATION_LAG_SECONDS: "300" } } });
});
afterAll(() => isolates.close());
beforeEach(() => readyFor(isolates.asked, isolates));

describe("a bookmark that a stranger made up", UNDER_LOAD, () => {
  /** Asks for a session that the replica knows, with more in the `Cookie` header. */
  const checkWith = async (more: string) => {
    const session = await storeSession(isolates.db);
    await isolates.replicate();
    return { session, seen: await check(isolates.asked, { Cookie: `${cookies(session).Cookie}; ${more}` }) };
  };

  it.each([
    ["nothing", ""],
    ["a constraint, which would untie the read (CWE-20)", "first-unconstrained"],
    ["the other constraint", "first-primary"],
    ["half of one", bookmarkAt(1).slice(0, 30)],
    ["capitals", bookmarkAt(0xabcdef).toUpperCase()],
    ["one with a tail", `${bookmarkAt(1)}-ffffffff`],
    ["another alphabet", bookmarkAt(1).replaceAll("0", "z")],
    ["8 kB", "f".repeat(8192)],
    ["SQL", "' OR 1=1 --"],
    ["the past", bookmarkAt(0)],
  ])("%s: the read is tied to the feed's own", async (_, value) => {
    const { session, seen } = await checkWith(`__Host-bookmark=${value}`);
    expect(seen).toMatchObject({ status: 200, source: "replica", userId: session.userId });
    const [call, ...more] = await isolates.asked.calls();
    expect([call?.at, more]).toEqual(["replica", []]);
    expect(call?.tiedTo).toMatch(/^[\da-f]{8}(-[\da-f]{8}){2}-[\da-f]{32}$/);
    expect((call?.tiedTo ?? "") > bookmarkAt(0)).toBe(true);
  });

  it("two of them count as none, the same one twice as well", async () => {
    const future = `__Host-bookmark=${bookmarkAt(0xffffff)}`;
    for (const more of [`${future}; ${future}`, `__Host-bookmark=${bookmarkAt(1)}; ${future}`]) {
      const { seen } = await checkWith(more);
      expect(seen).toMatchObject({ status: 200, source: "replica" });
    }
  });

  it("one from the future: the primary answers in time, and nobody else pays for it", async () => {
    const began = Date.now();
    const { session, seen } = await checkWith(`__Host-bookmark=${"ffffffff-".repeat(3)}${"f".repeat(32)}`);
    expect(seen).toMatchObject({ status: 200, source: "database", userId: session.userId });
    expect(Date.now() - began).toBeLessThan(2500);
    await isolates.replicate();
    expect((await checkWith("")).seen.source).toBe("replica");
  });

  it("lets nobody in", async () => {
    for (const value of [bookmarkAt(0xffffff), bookmarkAt(1)]) {
      const Cookie = `__Host-session=${"s".repeat(43)}; __Host-bookmark=${value}`;
      expect(await check(isolates.asked, { Cookie })).toMatchObject({ status: 200, userId: null });
      expect((await check(isolates.asked, { Cookie: `__Host-bookmark=${value}` })).userId).toBeNull();
    }
  });
});

describe("what reads, lists, changes or issues something", () => {
  it.each([
    ["GET", "/sessions"],
    ["POST", "/session/token"],
    ["DELETE", "/sessions/unknown"],
    ["DELETE", "/sessions"],
    ["HEAD", "/sessions"],
    ["HEAD", "/session"],
    ["HEAD", "/session/verify"],
    ["GET", `/login/kakao?redirect_to=${SHOP}/`],
    ["GET", "/health"],
    ["GET", "/.well-known/jwks.json"],
    ["POST", "/logout"],
  ])("%s %s never asks a replica", async (method, path) => {
    const headers = { Origin: SHOP, ...cookies(await storeSession(isolates.db)) };
    await isolates.replicate();
    expect((await isolates.asked.fetch(path, { method, headers })).status).toBeLessThan(405);
    const calls = await isolates.asked.calls();
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.filter(({ at }) => at !== "primary")).toEqual([]);
    // Nor would it in a batch that happens to write nothing.
    expect(calls.filter(({ tiedTo }) => tiedTo !== null && tiedTo !== "first-primary")).toEqual([]);
  });
});
