import type { Keyring } from "../lib/keyring.ts";
import { type CheckResult, checkSession } from "./check.ts";
import { type Credential, isSessionToken } from "./credential.ts";
import { isDue, isFresh, readFeed, stillHolds } from "./feed.ts";
import type { SessionPolicy } from "./lucia.ts";
import { forget, type Memory, type Remembered, recall, remember } from "./memory.ts";
import { mintProof, openProof, type Statement } from "./proof.ts";
import { type SignedIn, viewOf } from "./signed-in.ts";

/** What a check may use. `lag` in milliseconds: how long a session revoked elsewhere may still be honoured; 0: never. */
export type CheckTools = {
  readonly db: D1Database;
  readonly policy: SessionPolicy;
  readonly keyring: Keyring;
  /** The auth host's origin. */
  readonly issuer: string;
  readonly lag: number;
  readonly memory: Memory;
  /** Whether the answer can carry the session's cookie to the browser: otherwise a renewal would be lost to it. */
  readonly carriesCookies: boolean;
  /** Lets work go on after the answer. */
  readonly waitUntil: (work: Promise<unknown>) => void;
};

/** Where an answer came from, for `Server-Timing`. */
type Source = "memory" | "proof" | "database";

/** A check's answer. `body`: the JSON of `/session`. `proof`: a fresh one to hand out, when D1 was asked. */
export type QuickResult =
  | { kind: "signed_in"; signedIn: SignedIn; body: string; source: Source; renewed: boolean; proof: string | null }
  | { kind: "signed_out" }
  | { kind: "unavailable"; cause: unknown };

/**
 * Checks a session token without I/O where a statement of the last five minutes and a fresh revocation feed allow it,
 * else against D1. Never answers what D1 would not have answered within the lag.
 */
export const checkQuickly = async (
  tools: CheckTools,
  { token, transport }: Credential,
  proof: string | null,
): Promise<QuickResult> => {
  const { memory, lag } = tools;
  // A token has one length, so that token and proof run together name one statement alone (CWE-436).
  if (!isSessionToken(token)) return { kind: "signed_out" };
  const isBearer = transport === "bearer";
  if (lag > 0 && (isBearer || proof !== null)) {
    const now = Date.now();
    const key = isBearer ? token : `${token}.${proof}`;
    const recalled = recall(memory, key, now);
    const known = recalled ?? (isBearer || proof === null ? null : await believe(tools, token, proof, now));
    if (known !== null && isFresh(memory.feed, lag, now) && stillHolds(memory.feed, known.statement)) {
      if (isDue(memory.feed, lag, now)) refreshLater(tools);
      const { signedIn } = known.statement;
      const source = recalled ? "memory" : "proof";
      return { kind: "signed_in", signedIn, body: known.body, source, renewed: false, proof: null };
    }
    return fromDatabase(tools, token, { isBearer, known: known && { key, statement: known.statement } });
  }
  return fromDatabase(tools, token, { isBearer, known: null });
};

const believe = async (tools: CheckTools, token: string, proof: string, now: number): Promise<Remembered | null> => {
  const statement = await openProof(tools, proof, token, now);
  return statement && keep(tools.memory, `${token}.${proof}`, statement);
};

/**
 * Asks D1, which brings the feed up to date in the same trip: a quiet isolate pays one trip here, not one for the feed
 * and another for the session. A statement that turns out to hold is kept, and its proof goes on.
 */
const fromDatabase = async (
  tools: CheckTools,
  token: string,
  { isBearer, known }: { isBearer: boolean; known: { key: string; statement: Statement } | null },
): Promise<QuickResult> => {
  const { db, policy, memory, lag } = tools;
  const result: CheckResult = await checkSession(db, policy, token, {
    renew: isBearer || tools.carriesCookies,
    feed: lag > 0 ? memory.feed : null,
  });
  // The read found a restored database, or a revocation of our own overtook it: the next check wants a fresh feed.
  if (lag > 0 && result.kind !== "unavailable" && !isFresh(memory.feed, lag, Date.now())) refreshLater(tools);
  if (result.kind !== "signed_in") {
    if (result.kind === "signed_out" && known) forget(memory, known.key);
    return result;
  }
  const { signedIn, renewed, statement } = result;
  const answer = { kind: "signed_in", signedIn, source: "database", renewed } as const;
  if (lag > 0 && known && !renewed && stillHolds(memory.feed, known.statement)) {
    return { ...answer, body: bodyOf(signedIn), proof: null };
  }
  if (known) forget(memory, known.key);
  const proof = lag > 0 && !isBearer ? await mintProof(tools, statement, token) : null;
  const { body } = keep(memory, isBearer ? token : `${token}.${proof}`, statement);
  return { ...answer, body, proof };
};

const bodyOf = (signedIn: SignedIn): string => JSON.stringify(viewOf(signedIn));

const keep = (memory: Memory, key: string, statement: Statement): Remembered => {
  const remembered = { statement, body: bodyOf(statement.signedIn) };
  remember(memory, key, remembered);
  return remembered;
};

const refreshLater = ({ db, memory, waitUntil }: CheckTools): void => {
  // A failed read leaves the feed as old as it is; the check that then finds it stale says what is wrong.
  waitUntil(readFeed(db, memory.feed).catch(() => {}));
};
