import { afterAll, beforeAll, expect, it } from "vitest";
import { logLine, SESSION_COOKIE } from "./support/answers.ts";
import { newBrowser } from "./support/browser.ts";
import { changeSession, countRows, withoutTable } from "./support/database.ts";
import { ROUND_TRIPS } from "./support/round-trips.ts";
import { startWorker, type TestWorker } from "./support/worker.ts";
import { COUNTING_ENTRY, writeWranglerConfig } from "./support/wrangler-config.ts";

let worker: TestWorker;
let config: Awaited<ReturnType<typeof writeWranglerConfig>>;
beforeAll(async () => {
  config = await writeWranglerConfig({ main: COUNTING_ENTRY });
  worker = await startWorker({ configPath: config.configPath });
});
afterAll(async () => {
  await worker?.close();
  await config.remove();
});

const DEAD = 1200;

/** Rows that all ended a second ago. */
const insertDead = async (userId: string): Promise<void> => {
  const numbers = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${DEAD})`;
  const ended = Date.now() - 1000;
  await worker.db.batch([
    worker.db
      .prepare(
        `${numbers} INSERT INTO user_session
           (id, user_id, active_expires, idle_expires, login_id, created_at, absolute_expires, last_seen_at)
         SELECT 'dead-' || i, ?1, ?2, ?2, 'login-' || i, ?2, ?2 + 999999999, ?2 FROM n`,
      )
      .bind(userId, ended),
    worker.db
      .prepare(
        `${numbers} INSERT INTO login_attempt (id, claim, outcome, expires_at)
         SELECT 'dead-' || i, 'claim', 'signed_in', ?1 FROM n`,
      )
      .bind(ended),
  ]);
};

it("the sweep takes dead sessions and attempts in chunks, and leaves the living alone", async () => {
  const [active, idle] = [newBrowser(worker), newBrowser(worker)];
  for (const browser of [active, idle]) await browser.login();
  const { user } = await active.session();
  const soon = { active_expires: Date.now() - 1000, idle_expires: Date.now() + 60_000 };
  await changeSession(worker.db, idle.cookies.get(SESSION_COOKIE) ?? "", soon);
  await insertDead(user?.id ?? "");
  expect(await countRows(worker.db, "user_session")).toBe(DEAD + 2);
  worker.clearLogs();

  await worker.scheduled();

  expect(await countRows(worker.db, "user_session")).toBe(2);
  expect(await countRows(worker.db, "login_attempt")).toBe(2);
  for (const browser of [active, idle]) expect((await browser.session()).user?.id).toBe(user?.id);
  expect(await countRows(worker.db, "user")).toBe(1);
  await logLine(worker, { event: "swept", user_session: DEAD, login_attempt: DEAD });
  // 2 x 1,200 rows in fewer statements would be chunks so large that D1 answers nobody else meanwhile.
  const { trips } = await logLine(worker, { event: ROUND_TRIPS });
  expect(trips).toBeGreaterThanOrEqual(4);
});

it("a sweep with nothing to do is cheap", async () => {
  worker.clearLogs();
  await worker.scheduled();
  await logLine(worker, { event: "swept", user_session: 0, login_attempt: 0 });
  const { trips } = await logLine(worker, { event: ROUND_TRIPS });
  expect(trips).toBeLessThanOrEqual(3);
});

it("a sweep that fails says so in the log, and the next one works", async () => {
  worker.clearLogs();
  await withoutTable(worker.db, "user_session", () => worker.scheduled().catch(() => {}));
  await logLine(worker, { event: "schedule_failed", level: "error" });
  await worker.scheduled();
  await logLine(worker, { event: "swept" });
});
