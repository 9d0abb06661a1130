import { withRetry } from "../../lib/d1-retry.ts";
import { withDeadline } from "../../lib/deadline.ts";
import type { Database } from "../database.ts";

/** How an attempt ended: `signed_in`, or the error code that the front end was told. */
export type AttemptOutcome = string;

/** What became of the wish to spend an attempt. */
export type Claim =
  | { kind: "ours" }
  | { kind: "under_way" }
  /** `sessionExpires`: when the session of that login ends; `null` once it was revoked. */
  | { kind: "spent"; outcome: AttemptOutcome; sessionExpires: number | null };

/** Outcomes are kept a little longer than an attempt lives, so that a late second callback still finds its own. */
const KEEP_MILLISECONDS = 20 * 60 * 1000;

/**
 * Spends a login attempt, atomically: of any number of callbacks exactly one gets `ours`. One round trip; may be
 * repeated after a lost connection, since the claim tells ours from another's.
 */
export const claimAttempt = async (
  db: Database,
  attempt: { stateHash: string; sessionHash: string; claim: string; outcome: AttemptOutcome | null; now: number },
): Promise<Claim> => {
  const spend = db
    .prepare(
      `INSERT INTO login_attempt (id, claim, outcome, expires_at) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT (id) DO UPDATE SET id = id RETURNING claim, outcome`,
    )
    .bind(attempt.stateHash, attempt.claim, attempt.outcome, attempt.now + KEEP_MILLISECONDS);
  const session = db
    .prepare("SELECT idle_expires FROM user_session WHERE id = ?1 AND idle_expires > ?2")
    .bind(attempt.sessionHash, attempt.now);
  const [spent, live] = await withRetry(() =>
    withDeadline(db.batch<{ claim: string; outcome: string | null; idle_expires: number }>([spend, session])),
  );
  const row = spent?.results[0];
  if (!row) throw new Error("the claim of an attempt returned no row");
  if (row.claim === attempt.claim) return { kind: "ours" };
  if (row.outcome === null) return { kind: "under_way" };
  return { kind: "spent", outcome: row.outcome, sessionExpires: live?.results[0]?.idle_expires ?? null };
};

/** Notes that a claimed attempt signed somebody in, for a second callback of the same browser; not if it was given up. */
export const noteSignIn = (db: Database, stateHash: string): D1PreparedStatement =>
  db.prepare("UPDATE login_attempt SET outcome = 'signed_in' WHERE id = ? AND outcome IS NULL").bind(stateHash);

/**
 * Gives an attempt up, together with a session that a late write has made for it; a write that comes later still
 * makes none. Without a deadline: nobody waits, but it has to be done.
 */
export const abandonAttempt = async (
  db: Database,
  attempt: { stateHash: string; sessionHash: string; outcome: AttemptOutcome },
): Promise<void> => {
  await db.batch([
    db.prepare("UPDATE login_attempt SET outcome = ? WHERE id = ?").bind(attempt.outcome, attempt.stateHash),
    db.prepare("DELETE FROM user_session WHERE id = ?").bind(attempt.sessionHash),
  ]);
};
