import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newBrowser } from "./support/browser.ts";
import { type Isolate, type Isolates, startIsolates } from "./support/isolates.ts";
import { bearer, check, cookies, proofOf, type StoredSession, storeSession } from "./support/sessions.ts";
import { AUTH, SHOP } from "./support/worker.ts";

const LAG = 4000;
const SETTINGS = { vars: { REVOCATION_LAG_SECONDS: String(LAG / 1000) } };

/** The deadline of a database call, and what a loaded machine adds. */
const DEADLINE = 2000;
const GRACE = 1500;

let isolates: Isolates<"a" | "b">;
beforeAll(async () => {
  isolates = await startIsolates({ a: SETTINGS, b: SETTINGS });
});
afterAll(() => isolates.close());

const calm = async () => {
  for (const isolate of [isolates.a, isolates.b]) await isolate.setFault({ kind: "none" });
};

const timed = async <T>(work: Promise<T>): Promise<[T, number]> => {
  const began = Date.now();
  const result = await work;
  return [result, Date.now() - began];
};

/** A session that the isolate knows, with a feed that was read a moment ago. */
const warm = async (isolate: Isolate): Promise<{ session: StoredSession; proof: string }> => {
  await calm();
  await wait(LAG + 50);
  const session = await storeSession(isolates.db);
  const proof = await proofOf(isolates.a, session);
  expect(await check(isolate, cookies(session, proof))).toMatchObject({ userId: session.userId });
  return { session, proof };
};

it("an answer that goes on without D1 says so, and no longer once D1 is back", async () => {
  const { session, proof } = await warm(isolates.b);
  const timing = async (): Promise<string | null> => {
    const seen = await check(isolates.b, cookies(session, proof));
    expect(seen).toMatchObject({ status: 200, userId: session.userId });
    return seen.response.headers.get("Server-Timing");
  };
  await isolates.b.setFault({ kind: "fails" });
  // From three quarters of the lag on the feed is read in the background, which fails.
  await wait(LAG * 0.8);
  await timing();
  await wait(50);
  expect(await timing()).toMatch(/^check;desc="memory";dur=\d+, feed;desc="unreachable"$/);
  await isolates.b.setFault({ kind: "none" });
  await wait(LAG);
  expect(await timing()).toMatch(/^check;desc="database";dur=\d+$/);
  expect(await timing()).toMatch(/^check;desc="memory";dur=0$/);
});

describe.each([{ kind: "fails" }, { kind: "hangs" }] as const)("while D1 $kind", (fault) => {
  it("a valid proof keeps answering within the bound, at once, and says where from; beyond it 503", async () => {
    const { session, proof } = await warm(isolates.b);
    const knownAt = Date.now();
    await isolates.b.setFault(fault);
    let answered = 0;
    while (Date.now() < knownAt + LAG * 0.6) {
      const [seen, duration] = await timed(check(isolates.b, cookies(session, proof)));
      expect(seen).toMatchObject({ status: 200, source: "memory", userId: session.userId });
      expect(duration).toBeLessThan(DEADLINE);
      answered += 1;
      await wait(200);
    }
    expect(answered).toBeGreaterThan(1);

    await wait(knownAt + LAG + 50 - Date.now());
    const [late, duration] = await timed(check(isolates.b, cookies(session, proof)));
    expect(late).toMatchObject({ status: 503, userId: null, source: "unavailable" });
    expect(late.response.headers.get("Retry-After")).toMatch(/^\d+$/);
    expect(late.response.headers.getSetCookie()).toEqual([]);
    expect(duration).toBeLessThan(DEADLINE + GRACE);

    await isolates.b.setFault({ kind: "none" });
    const back = await check(isolates.b, cookies(session, proof));
    expect(back).toMatchObject({ status: 200, source: "database", userId: session.userId });
  });

  it("a proof that the isolate never saw is believed while its feed is fresh", async () => {
    await warm(isolates.b);
    const other = await storeSession(isolates.db);
    const proof = await proofOf(isolates.a, other);
    await isolates.b.setFault(fault);
    expect(await check(isolates.b, cookies(other, proof))).toMatchObject({ source: "proof", userId: other.userId });
  });

  describe.concurrent("whoever needs D1 hears 503 within the deadline, a good proof or not, and keeps every cookie", () => {
    let session: StoredSession;
    let proof: string;
    beforeAll(async () => {
      await calm();
      session = await storeSession(isolates.db);
      proof = await proofOf(isolates.a, session);
      await isolates.b.setFault(fault);
    });
    afterAll(calm);

    it.each([
      ["GET", "/session", () => cookies(session)],
      ["GET", "/session", () => bearer(session)],
      ["GET", "/session/verify", () => cookies(session)],
      ["HEAD", "/session/verify", () => cookies(session, proof)],
      ["POST", "/session/token", () => cookies(session, proof)],
      ["GET", "/sessions", () => cookies(session, proof)],
      ["DELETE", "/sessions", () => cookies(session, proof)],
      ["DELETE", "/sessions/anything", () => cookies(session, proof)],
      ["POST", "/logout", () => cookies(session, proof)],
      ["GET", `/login/kakao?redirect_to=${SHOP}/`, () => cookies(session, proof)],
      ["GET", "/.well-known/jwks.json", () => ({})],
      ["GET", "/health", () => ({})],
    ])("%s %s", async (method, path, headers) => {
      const call = isolates.b.fetch(path, { method, headers: { Origin: SHOP, ...headers() } });
      const [answer, duration] = await timed(call);
      expect(answer.status).toBe(503);
      expect(answer.headers.get("Retry-After")).toMatch(/^\d+$/);
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
      expect(answer.headers.getSetCookie()).toEqual([]);
      if (path === "/session/verify") expect(await answer.text()).toBe("");
      expect(duration).toBeLessThan(DEADLINE + GRACE);
    });

    it("a hand-off's exchange", async () => {
      const body = JSON.stringify({ code: "c".repeat(43), code_verifier: "v".repeat(43) });
      const headers = { Origin: SHOP, "Content-Type": "application/json" };
      const [answer, duration] = await timed(isolates.b.fetch("/session/exchange", { method: "POST", headers, body }));
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([503, []]);
      expect(duration).toBeLessThan(DEADLINE + GRACE);
    });

    it("a callback, which may take eight seconds and signs nobody in", async () => {
      const browser = newBrowser(isolates.b);
      const callback = await browser.visitKakao();
      const [answer, duration] = await timed(browser.fetch(callback.href.replace(AUTH, "")));
      expect(duration).toBeLessThan(8000);
      expect(answer.headers.getSetCookie().some((line) => line.startsWith("__Host-session="))).toBe(false);
    });
  });
});

describe("a slow D1 (700 ms a trip)", () => {
  it("is waited for by those who need it, and by nobody else", async () => {
    const { session, proof } = await warm(isolates.b);
    await isolates.b.setFault({ kind: "slow", milliseconds: 700 });
    const [known, quick] = await timed(check(isolates.b, cookies(session, proof)));
    expect(known.userId).toBe(session.userId);
    expect(quick).toBeLessThan(500);
    const other = await storeSession(isolates.db);
    expect((await check(isolates.b, cookies(other))).userId).toBe(other.userId);
  });
});
