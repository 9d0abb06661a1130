import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { FULL_PROFILE, NINETEEN_DIGITS, NO_EMAIL } from "../simulator/index.ts";
import { newBrowser } from "./support/browser.ts";
import { countRows } from "./support/database.ts";
import { newVerifier } from "./support/handoff.ts";
import { type Isolate, type Isolates, startIsolates } from "./support/isolates.ts";
import { bearer, check, cookies, proofOf, storeSession } from "./support/sessions.ts";
import { AUTH, PARTNER, SHOP } from "./support/worker.ts";

let isolates: Isolates<"a" | "b">;
beforeAll(async () => {
  isolates = await startIsolates({ a: {}, b: {} });
});
afterAll(() => isolates.close());

/** Counts what one piece of work asks of D1, its background work included. */
const tripsOf = async (isolate: Isolate, work: () => Promise<unknown>): Promise<number> => {
  await isolate.usage();
  await work();
  await wait(50);
  return (await isolate.usage()).trips;
};

describe("a busy isolate", () => {
  it("answers 1,000 checks at 100/s with three D1 round trips and ten rows at most, after the first check", async () => {
    const sessions = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const session = await storeSession(isolates.db);
        return cookies(session, await proofOf(isolates.b, session));
      }),
    );
    await check(isolates.a, sessions[0] ?? {});
    await vi.waitFor(async () => expect((await isolates.a.usage()).trips).toBe(0));

    const began = Date.now();
    const pending: Promise<void>[] = [];
    const sources = new Map<string, number>();
    for (let sent = 0; sent < 1000; sent += 1) {
      await wait(Math.max(0, began + sent * 10 - Date.now()));
      const call = check(isolates.a, sessions[sent % 10] ?? {}).then(({ source }) => {
        sources.set(source, (sources.get(source) ?? 0) + 1);
      });
      pending.push(call);
    }
    await Promise.all(pending);
    const seconds = (Date.now() - began) / 1000;
    const { trips, rowsRead } = await isolates.a.usage();
    expect([...sources.keys()].sort()).toEqual(["memory", "proof"]);
    expect(rowsRead).toBeLessThanOrEqual(10);
    // A loaded machine stretches the ten seconds; the feed is read once in three quarters of the lag.
    expect(trips).toBeLessThanOrEqual(Math.max(3, Math.ceil(seconds / 3.75)));
  }, 60_000);
});

describe("a login", () => {
  it("takes no D1 round trip at its start", async () => {
    expect(await tripsOf(isolates.a, () => newBrowser(isolates.a).start())).toBe(0);
    const query = { redirect_to: `${SHOP}/`, prompt: "login" };
    const browser = newBrowser(isolates.a);
    browser.cookies.set("__Host-session", (await storeSession(isolates.db)).token);
    expect(await tripsOf(isolates.a, () => browser.start(query))).toBe(0);
  });

  it.each(["a new user", "a user who is known", "a user with another profile", "a user with a hand-off"])(
    "takes two at the callback of %s",
    async (who) => {
      const browser = newBrowser(isolates.a);
      const { challenge } = newVerifier();
      if (who === "a user with another profile") await isolates.db.prepare("UPDATE user SET nickname = 'x'").run();
      const query: Record<string, string> =
        who === "a user with a hand-off"
          ? { redirect_to: `${PARTNER}/`, code_challenge: challenge, code_challenge_method: "S256" }
          : { redirect_to: `${SHOP}/` };
      const callback = await browser.visitKakao({ person: FULL_PROFILE, query });
      expect(await tripsOf(isolates.a, () => browser.fetch(callback.href.replace(AUTH, "")))).toBe(2);
      expect((await browser.session()).user?.kakaoId).toBe(FULL_PROFILE.id);
    },
  );

  it("takes two each in a race of fifty first logins of one person, and makes one user", async () => {
    const before = await countRows(isolates.db, "user");
    const callbacks = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const browser = newBrowser(isolates.a);
        return { browser, callback: await browser.visitKakao({ person: NINETEEN_DIGITS }) };
      }),
    );
    const trips = await tripsOf(isolates.a, () =>
      Promise.all(callbacks.map(({ browser, callback }) => browser.fetch(callback.href.replace(AUTH, "")))),
    );
    const users = await Promise.all(callbacks.map(({ browser }) => browser.session()));
    expect(new Set(users.map(({ user }) => user?.id)).size).toBe(1);
    expect(users[0]?.user?.kakaoId).toBe(NINETEEN_DIGITS.id);
    expect(await countRows(isolates.db, "user")).toBe(before + 1);
    expect(trips).toBe(100);
  });

  it("takes one when single sign-on answers, with a code or without", async () => {
    const browser = newBrowser(isolates.a);
    await browser.login({ person: NO_EMAIL });
    const { challenge } = newVerifier();
    const handoff = { code_challenge: challenge, code_challenge_method: "S256" };
    for (const query of [{}, handoff]) {
      const trips = await tripsOf(isolates.a, async () => {
        const to = await browser.start({ redirect_to: `${PARTNER}/`, ...query });
        expect(to.origin).toBe(PARTNER);
      });
      expect(trips).toBe(1);
    }
  });
});

describe("who always reads D1", () => {
  it.each([
    ["GET", "/sessions"],
    ["POST", "/session/token"],
    ["DELETE", "/sessions/unknown"],
    ["DELETE", "/sessions"],
  ])("%s %s", async (method, path) => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.a, session);
    const headers = { Origin: SHOP, ...cookies(session, proof) };
    expect(await tripsOf(isolates.a, () => isolates.a.fetch(path, { method, headers }))).toBeGreaterThan(0);
    await isolates.db.prepare("DELETE FROM user_session WHERE login_id = ?").bind(session.loginId).run();
    expect((await isolates.a.fetch(path, { method, headers })).status).toBe(401);
  });
});

describe("a check", () => {
  it("of a stranger takes none; of a bearer one, and then none", async () => {
    expect(await tripsOf(isolates.a, () => check(isolates.a, {}))).toBe(0);
    expect(await tripsOf(isolates.a, () => check(isolates.a, cookies({ token: "no token" })))).toBe(0);
    const session = await storeSession(isolates.db);
    await check(isolates.a, bearer(await storeSession(isolates.db)));
    await wait(100);
    expect(await tripsOf(isolates.a, () => check(isolates.a, bearer(session)))).toBe(1);
    expect(await tripsOf(isolates.a, () => check(isolates.a, bearer(session)))).toBe(0);
  });
});

describe("a check by a reverse proxy that hands no proof on", () => {
  it("takes one, then none while the isolate remembers the session, and ends with it", async () => {
    const session = await storeSession(isolates.db);
    const verify = async () => (await isolates.a.fetch("/session/verify", { headers: cookies(session) })).status;
    expect(await tripsOf(isolates.a, verify)).toBe(1);
    expect(await tripsOf(isolates.a, verify)).toBe(0);
    await isolates.a.fetch("/logout", { method: "POST", headers: { Origin: AUTH, ...cookies(session) } });
    expect(await verify()).toBe(401);
  });
});

describe("a token", () => {
  it("takes one, and one more in an isolate that has not signed for some minutes", async () => {
    const session = await storeSession(isolates.db);
    const issue = (isolate: Isolate) => () =>
      isolate.fetch("/session/token", { method: "POST", headers: { Origin: SHOP, ...bearer(session) } });
    await issue(isolates.a)();
    expect(await tripsOf(isolates.b, issue(isolates.b))).toBe(2);
    expect(await tripsOf(isolates.b, issue(isolates.b))).toBe(1);
  });
});
