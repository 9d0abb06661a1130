import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newBrowser } from "./support/browser.ts";
import { exchange, loginWithHandoff, sessionCookie } from "./support/handoff.ts";
import { bookmarkOf, readyFor, startReplicated, UNDER_LOAD } from "./support/replicas.ts";
import { bookmarkAt } from "./support/replicated-d1.ts";
import { bearer, check, cookies, HOUR, proofOf, type StoredSession, storeSession } from "./support/sessions.ts";
import { AUTH, PARTNER, SHOP } from "./support/worker.ts";

const ON = { vars: { D1_READ_REPLICAS: "true", REVOCATION_LAG_SECONDS: "300" } };
const CALLER = {
  name: "caller",
  main: "test/worker/support/resource-worker.ts",
  services: [{ binding: "AUTH", service: "there", entrypoint: "AuthService" }],
};

let isolates: Awaited<ReturnType<typeof startReplicated<"here" | "there" | "fresh" | "fails" | "hangs" | "slow">>>;
beforeAll(async () => {
  isolates = await startReplicated({ here: ON, there: ON, fresh: ON, fails: ON, hangs: ON, slow: ON }, [CALLER]);
});
afterAll(() => isolates.close());
beforeEach(() => readyFor(isolates.there, isolates));

/** The deadline of a database call, replica and primary together, and what a loaded machine adds. */
const DEADLINE = 2000;
const GRACE = 1000;

const timed = async <T>(work: Promise<T>): Promise<[T, number]> => {
  const began = Date.now();
  return [await work, Date.now() - began];
};

/** A session that the replica knows. */
const replicated = async (lifetime = 24 * HOUR): Promise<StoredSession> => {
  const session = await storeSession(isolates.db, { lifetime });
  await isolates.replicate();
  return session;
};

describe("a check that needs the database, in an isolate whose feed is fresh", UNDER_LOAD, () => {
  it("is answered by the replica in one round trip, and from memory after that", async () => {
    const session = await replicated();
    const first = await check(isolates.there, cookies(session));
    expect(first).toMatchObject({ status: 200, source: "replica", userId: session.userId });
    expect(await isolates.there.calls()).toEqual([{ at: "replica", tiedTo: expect.stringMatching(/^[\da-f]{8}-/) }]);
    const again = await check(isolates.there, cookies(session, first.proof));
    expect([again.source, await isolates.there.calls()]).toEqual(["memory", []]);
  });

  it("the same for a bearer, for a reverse proxy and for a Worker that is bound", async () => {
    const session = await replicated();
    expect((await check(isolates.there, bearer(session))).source).toBe("replica");
    const other = cookies(await replicated());
    expect((await isolates.there.fetch("/session/verify", { headers: other })).status).toBe(204);
    const { Cookie } = cookies(await replicated());
    const body = JSON.stringify({ method: "check", inputs: [Cookie] });
    expect((await isolates.fetchFrom("caller", "/call", { method: "POST", body })).status).toBe(200);
    expect((await isolates.there.calls()).map(({ at }) => at)).toEqual(["replica", "replica", "replica"]);
  });

  it("leaves a proof that any isolate believes", async () => {
    const session = await replicated();
    const proof = await proofOf(isolates.there, session);
    await check(isolates.here, bearer(await storeSession(isolates.db)));
    expect(await check(isolates.here, cookies(session, proof))).toMatchObject({ source: "proof", proof: null });
  });

  it("goes to the primary at once where the feed was never read", async () => {
    const session = await replicated();
    expect((await check(isolates.fresh, cookies(session))).source).toBe("database");
    expect(await isolates.fresh.calls()).toEqual([{ at: "primary", tiedTo: "first-primary" }]);
  });

  it.each([
    ["to be renewed", "active_expires = ?2"],
    ["to be noted as seen", "last_seen_at = ?2 - 3600001"],
  ])("goes on to the primary for a session that is due %s", async (_, change) => {
    const session = await storeSession(isolates.db);
    const makeDue = `UPDATE user_session SET ${change} WHERE login_id = ?1`;
    await isolates.db.prepare(makeDue).bind(session.loginId, Date.now()).run();
    await isolates.replicate();
    expect((await check(isolates.there, cookies(session))).source).toBe("database");
    const row = isolates.db.prepare("SELECT * FROM user_session WHERE login_id = ?").bind(session.loginId);
    const { active_expires, last_seen_at } = (await row.first<Record<string, number>>()) ?? {};
    expect(active_expires).toBeGreaterThan(Date.now());
    expect(last_seen_at).toBeGreaterThan(Date.now() - HOUR);
  });

  it("goes on to the primary for a session that the replica takes for over", async () => {
    const session = await replicated();
    const end = "UPDATE user_session SET idle_expires = 1, active_expires = 1 WHERE login_id = ?";
    await isolates.replica.prepare(end).bind(session.loginId).run();
    expect(await check(isolates.there, cookies(session))).toMatchObject({ source: "database", userId: session.userId });
  });
});

describe("who just logged in is never bounced by a replica that is behind", UNDER_LOAD, () => {
  it("with the session's cookies: as the login left the profile, within the deadline", async () => {
    const browser = newBrowser(isolates.here);
    await browser.login();
    const [seen, duration] = await timed(check(isolates.there, { Cookie: browser.cookieHeader() }));
    expect(seen).toMatchObject({ status: 200, source: "database", userId: expect.any(String) });
    expect(duration).toBeLessThan(DEADLINE);
    // That was no fault of the replica's.
    expect((await check(isolates.there, cookies(await replicated()))).source).toBe("replica");
  });

  it("by one trip to the primary, without a wait for the replica", async () => {
    const browser = newBrowser(isolates.here);
    await browser.login();
    await check(isolates.there, { Cookie: browser.cookieHeader() });
    expect((await isolates.there.calls()).map(({ at }) => at)).toEqual(["primary"]);
  });

  it("without the bookmark: the primary is asked before anybody is told", async () => {
    const browser = newBrowser(isolates.here);
    await browser.login();
    browser.cookies.delete("__Host-bookmark");
    const seen = await check(isolates.there, { Cookie: browser.cookieHeader() });
    expect(seen).toMatchObject({ source: "database", userId: expect.any(String) });
    expect((await isolates.there.calls()).map(({ at }) => at)).toEqual(["replica", "primary"]);
  });

  it.each(["cookie", "bearer"])("with a hand-off's %s", async (transport) => {
    const { code, verifier } = await loginWithHandoff(newBrowser(isolates.here));
    const answer = await exchange(isolates.here, { code, code_verifier: verifier, transport });
    const { token = "" } = (await answer.json()) as { token?: string };
    const held = [`__Host-session=${sessionCookie(answer)}`, `__Host-bookmark=${bookmarkOf(answer)}`].join("; ");
    const headers = transport === "bearer" ? bearer({ token }) : { Cookie: held };
    const seen = await check(isolates.there, { Origin: PARTNER, ...headers });
    expect(seen).toMatchObject({ status: 200, userId: expect.any(String) });
  });

  it("after single sign-on, and its hand-off", async () => {
    const browser = newBrowser(isolates.here);
    await browser.login();
    const to = await browser.start({ redirect_to: `${SHOP}/again` });
    expect(to.origin).toBe(SHOP);
    expect((await check(isolates.there, { Cookie: browser.cookieHeader() })).userId).not.toBeNull();
  });

  it("and a stranger is told so by the primary alone", async () => {
    const seen = await check(isolates.there, cookies({ token: "s".repeat(43) }));
    expect(seen).toMatchObject({ status: 200, userId: null });
    expect((await isolates.there.calls()).at(-1)).toEqual({ at: "primary", tiedTo: "first-primary" });
  });
});

describe.each([{ kind: "fails" }, { kind: "hangs" }, { kind: "slow", milliseconds: 1000 }] as const)(
  "a replica that $kind",
  (fault) => {
    it("costs its first visitors less than half a second, and signs nobody out", async () => {
      const isolate = isolates[fault.kind];
      await readyFor(isolate, isolates);
      const session = await replicated();
      const another = await replicated();
      await isolate.setReplicaFault(fault);
      const [seen, duration] = await timed(check(isolate, cookies(session)));
      expect(seen).toMatchObject({ status: 200, source: "database", userId: session.userId });
      expect(duration).toBeLessThan(500 + GRACE);
      // From here on it is left alone for a while.
      await isolate.calls();
      expect((await check(isolate, cookies(another))).source).toBe("database");
      expect((await isolate.calls()).map(({ at }) => at)).toEqual(["primary"]);
    });
  },
);

describe("with the primary down", () => {
  it("503 within one deadline for replica and primary together, and every cookie stays", async () => {
    await isolates.there.setFault({ kind: "hangs" });
    const future = `; __Host-bookmark=${bookmarkAt(0xffffff)}`;
    const call = check(isolates.there, { Cookie: cookies(await replicated()).Cookie + future });
    const [seen, duration] = await timed(call);
    expect([seen.status, seen.response.headers.getSetCookie()]).toEqual([503, []]);
    expect(duration).toBeLessThan(DEADLINE + 300);
  });

  it("the replica goes on answering for what is left of the lag", async () => {
    const session = await replicated();
    await isolates.there.setFault({ kind: "fails" });
    expect(await check(isolates.there, cookies(session))).toMatchObject({ status: 200, source: "replica" });
    expect((await check(isolates.there, cookies({ token: "s".repeat(43) }))).status).toBe(503);
    await isolates.there.setFault({ kind: "none" });
    const headers = { Origin: AUTH, ...cookies(session) };
    expect((await isolates.there.fetch("/logout", { method: "POST", headers })).status).toBe(204);
  });
});
