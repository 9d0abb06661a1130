import { DATABASE_MILLISECONDS } from "../../lib/deadline.ts";
import { type Credential, isSessionToken } from "../credential.ts";
import type { Database } from "../database.ts";
import type { SessionPolicy } from "../lucia.ts";
import type { SignedIn } from "../signed-in.ts";
import { isBeingRead, isDue, isFresh, stillHolds } from "./feed.ts";
import { readFeed } from "./feed-reads.ts";
import { bodyOf, findKnown, type Known, type KnownTools, keep, keyFor, mayAnswer } from "./known.ts";
import { forget } from "./memory.ts";
import { mintProof } from "./proof.ts";
import { checkAtReplica, type Replicas } from "./replica.ts";
import { type CheckResult, checkSession } from "./strict-check.ts";

/** What a check may use. `lag` in milliseconds: how long a session revoked elsewhere may still be honoured; 0: never. */
export type CheckTools = KnownTools & {
  /** The primary. */
  readonly db: Database;
  /** Where else to read from; `null`: nowhere. */
  readonly replicas: Replicas | null;
  readonly policy: SessionPolicy;
  /** Lets work go on after the answer. */
  readonly waitUntil: (work: Promise<unknown>) => void;
};

/** What reading the feed in the background takes. */
export type RefreshTools = Pick<CheckTools, "db" | "memory" | "waitUntil">;

/** Where an answer came from, for `Server-Timing`. */
type Source = Known["source"] | "replica" | "database";

/** A check's answer. `body`: the JSON of `/session`. `proof`: a fresh one to hand out, when D1 was asked. */
export type QuickResult =
  | { kind: "signed_in"; signedIn: SignedIn; body: string; source: Source; renewed: boolean; proof: string | null }
  | { kind: "signed_out" }
  | { kind: "unavailable"; cause: unknown };

/**
 * Checks a session token without I/O where a statement of the last five minutes and a fresh revocation feed allow it,
 * else against D1. Never answers what D1 would not have answered within the lag.
 *
 * @param found what `findKnown` said of this request already
 */
export const checkQuickly = async (
  tools: CheckTools,
  credential: Credential,
  proof: string | null,
  found?: Known | null,
): Promise<QuickResult> => {
  const { token, transport } = credential;
  if (!isSessionToken(token)) return { kind: "signed_out" };
  const known = found === undefined ? await findKnown(tools, credential, proof, Date.now()) : found;
  const now = Date.now();
  if (known !== null && mayAnswer(tools, known, now)) {
    if (isDue(tools.memory.feed, tools.lag, now)) refreshLater(tools);
    const { statement, body } = known.remembered;
    return { kind: "signed_in", signedIn: statement.signedIn, body, source: known.source, renewed: false, proof: null };
  }
  return fromDatabase(tools, token, { isBearer: transport === "bearer", known });
};

/**
 * Asks D1: a replica where that is good enough, else the primary. That brings the feed up to date in the same trip: a
 * quiet isolate pays one trip here, not one for the feed and another for the session. A statement that turns out to
 * hold is kept, and its proof goes on.
 */
const fromDatabase = async (
  tools: CheckTools,
  token: string,
  { isBearer, known }: { isBearer: boolean; known: Known | null },
): Promise<QuickResult> => {
  const { db, replicas, policy, memory, lag, asker } = tools;
  // The answer to a cookie has to reach the browser: otherwise a renewal would be lost to it.
  const renew = isBearer || asker === "browser";
  const began = performance.now();
  const nearby = replicas && (await checkAtReplica(replicas, policy, token, { memory, lag, renew }));
  // The primary's read brings the feed up to date, a replica's leaves it as it is.
  if (nearby && isDue(memory.feed, lag, Date.now())) refreshLater(tools);
  const result: CheckResult =
    nearby ??
    (await checkSession(db, policy, token, {
      renew,
      feed: lag > 0 ? memory.feed : null,
      within: DATABASE_MILLISECONDS - (performance.now() - began),
    }));
  // The read found a restored database, or a revocation of our own overtook it: the next check wants a fresh feed.
  const now = Date.now();
  const isBehind = lag > 0 && !isFresh(memory.feed, lag, now) && !isBeingRead(memory.feed, now);
  if (isBehind && result.kind !== "unavailable") refreshLater(tools);
  if (result.kind !== "signed_in") {
    if (result.kind === "signed_out" && known) forget(memory, known.key);
    return result;
  }
  const { signedIn, renewed, statement } = result;
  const answer = { kind: "signed_in", signedIn, source: nearby ? "replica" : "database", renewed } as const;
  if (lag === 0) return { ...answer, body: bodyOf(signedIn), proof: null };
  if (known && !renewed && stillHolds(memory.feed, known.remembered.statement)) {
    return { ...answer, body: bodyOf(signedIn), proof: null };
  }
  if (known) forget(memory, known.key);
  const proof = isBearer || asker === "worker" ? null : await mintProof(tools, statement, token);
  const { body } = keep(memory, keyFor(asker, token, proof), statement);
  return { ...answer, body, proof };
};

/** Reads the feed in the background: before it is too old, so that a busy isolate never waits for it. */
export const refreshLater = ({ db, memory, waitUntil }: RefreshTools): void => {
  // A failed read leaves the feed as old as it is; the check that then finds it stale says what is wrong.
  waitUntil(readFeed(db, memory.feed).catch(() => {}));
};
