import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newBrowser, type TestBrowser } from "./support/browser.ts";
import { exchange, loginWithHandoff, newVerifier, sessionCookie, whoIs } from "./support/handoff.ts";
import { type Isolates, startIsolates } from "./support/isolates.ts";
import { PARTNER } from "./support/worker.ts";

let isolates: Isolates<"a">;
beforeAll(async () => {
  isolates = await startIsolates({ a: {} });
});
beforeEach(() => isolates.a.setFault({ kind: "none" }));
afterAll(() => isolates.close());

describe("an exchange while D1 goes away right after it was written", () => {
  it.each(["cookie", "bearer"])(
    "still answers with its %s: a spent code could not be tried again",
    async (transport) => {
      const { code, verifier } = await loginWithHandoff(newBrowser(isolates.a));
      await isolates.a.setFault({ kind: "fails", after: 1 });
      const answer = await exchange(isolates.a, { code, code_verifier: verifier, transport });
      await isolates.a.setFault({ kind: "none" });
      expect(answer.status).toBe(200);
      const body = (await answer.json()) as { token?: string; session: { id: string } };
      const { session } = await whoIs(isolates.a, body.token ?? sessionCookie(answer));
      expect(session?.id).toBe(body.session.id);
    },
  );
});

/** A bearer page as it is loaded again: single sign-on brings it a code, without Kakao. */
const load = async (browser: TestBrowser): Promise<string> => {
  const { verifier, challenge } = newVerifier();
  const query = { redirect_to: `${PARTNER}/`, code_challenge: challenge, code_challenge_method: "S256" };
  const to = await browser.start(query);
  expect(to.origin).toBe(PARTNER);
  const code = to.searchParams.get("code") ?? "";
  const answer = await exchange(isolates.a, { code, code_verifier: verifier, transport: "bearer" });
  return ((await answer.json()) as { token: string }).token;
};

const loginIdOf = async (browser: TestBrowser): Promise<string> => (await browser.session()).session?.id ?? "";

describe("a bearer page that is loaded again and again within one login", () => {
  it("leaves fifty sessions at most (CWE-770), and the newest one works", async () => {
    const browser = newBrowser(isolates.a);
    await browser.login();
    const [oldest, loginId] = [await load(browser), await loginIdOf(browser)];
    await isolates.db
      .prepare(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 58)
         INSERT INTO user_session
           (id, user_id, active_expires, idle_expires, login_id, created_at, absolute_expires, last_seen_at)
         SELECT 'load-' || i, user_id, active_expires, idle_expires, login_id, created_at, absolute_expires, ?2
           FROM user_session, n WHERE login_id = ?1 GROUP BY i`,
      )
      .bind(loginId, Date.now())
      .run();
    // Now the isolate remembers the oldest one, and must forget it at once.
    expect((await whoIs(isolates.a, oldest)).session?.id).toBe(loginId);
    const newest = await load(browser);
    expect((await whoIs(isolates.a, oldest)).session).toBeNull();
    expect((await whoIs(isolates.a, newest)).session?.id).toBe(loginId);
    const left = isolates.db.prepare("SELECT count(*) AS n FROM user_session WHERE login_id = ?").bind(loginId);
    expect(await left.first("n")).toBe(50);
  });

  it("keeps the session at the auth host: the sixtieth load needs Kakao no more than the first", async () => {
    const browser = newBrowser(isolates.a);
    await browser.login();
    for (let count = 1; count < 60; count += 1) await load(browser);
    expect((await whoIs(isolates.a, await load(browser))).session?.id).toBe(await loginIdOf(browser));
  });
});
