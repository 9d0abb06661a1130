import { sha256 } from "../../lib/hash.ts";
import { isLater } from "../bookmark.ts";
import type { SessionPolicy } from "../lucia.ts";
import { isTouchDue, readSessionAndUser } from "./adapter.ts";
import { isFresh, stillHolds } from "./feed.ts";
import type { Memory } from "./memory.ts";
import type { Statement } from "./proof.ts";
import { type CheckResult, describeRows, stateOf } from "./strict-check.ts";

/** D1's read replicas, as one request may use them. `bookmark`: which moment its browser has seen, or `null`. */
export type Replicas = { readonly db: D1Database; readonly bookmark: string | null };

/** A replica is near, or it is no help: the primary answers within 300 ms across the world. */
const REPLICA_MILLISECONDS = 400;

/**
 * After a failure checks go straight to the primary for so long, instead of waiting in vain one after the other. Short,
 * because a replica may merely have been behind for a moment, after the feed's last read.
 */
const PAUSE_MILLISECONDS = 2000;

/**
 * Asks a replica about a session: one round trip that only reads, and only while the feed is fresh. The read is tied
 * to the feed's bookmark, so the replica is as new as the feed; and what it says is held against the feed like a proof.
 * So a revocation that it has not heard of costs no more than the lag. A browser that has seen more than the feed, as
 * after a login, is not made to wait for the replica: the primary knows it at once.
 *
 * @param options.renew whether this check may write: a session that is due for it belongs to the primary
 * @returns `null` unless the session is good beyond doubt. A replica never says "signed out", and its failure is none
 *   of the check's: the primary has to be asked
 */
export const checkAtReplica = async (
  { db, bookmark }: Replicas,
  policy: SessionPolicy,
  token: string,
  { memory, lag, renew }: { memory: Memory; lag: number; renew: boolean },
): Promise<(CheckResult & { kind: "signed_in" }) | null> => {
  const { feed } = memory;
  const { bookmark: known, epoch } = feed;
  const now = Date.now();
  const pauses = Math.abs(now - memory.replicaFailedAt) < PAUSE_MILLISECONDS;
  if (known === null || pauses || !isFresh(feed, lag, now) || isLater(bookmark, known)) return null;

  const sessionHash = await sha256(token);
  let statement: Statement | null;
  try {
    const found = await readSessionAndUser(db.withSession(known), sessionHash, { within: REPLICA_MILLISECONDS });
    if (found === null) return null;
    const [session, user, seq, issuedAt] = found;
    if (session.idle_expires <= issuedAt || (renew && isTouchDue(session, issuedAt))) return null;
    const signedIn = await describeRows(db, policy, { session, user });
    statement = stateOf(signedIn, { sessionHash, seq, issuedAt, renewAt: session.active_expires });
  } catch {
    memory.replicaFailedAt = now;
    return null;
  }
  // Where the feed started over meanwhile, the replica may have answered from before the restore, under the same numbers.
  if (statement === null || feed.epoch !== epoch) return null;
  if (!isFresh(feed, lag, Date.now()) || !stillHolds(feed, statement)) return null;
  return { kind: "signed_in", signedIn: statement.signedIn, renewed: false, statement };
};
