import { createFeed, type Feed } from "./feed.ts";
import { isUsable, type Statement } from "./proof.ts";

/**
 * What one isolate remembers between requests: statements by what proved them, and the feed that can outdate them.
 * A cookie's statement is found by token and proof together, a bearer's by its token, since a bearer carries no proof.
 */
export type Memory = {
  readonly feed: Feed;
  /** Two halves: what was asked for lately, and what was when the first one last filled up. */
  recent: Map<string, Remembered>;
  older: Map<string, Remembered>;
  /** When a replica last failed to answer, in milliseconds since 1970. */
  replicaFailedAt: number;
};

/** A statement with the body that `/session` answers for it, written once. */
export type Remembered = { readonly statement: Statement; readonly body: string };

/** In each half; about 1 kB each. */
const MAXIMUM_STATEMENTS = 2500;

export const createMemory = (): Memory => ({
  feed: createFeed(),
  recent: new Map(),
  older: new Map(),
  replicaFailedAt: Number.NEGATIVE_INFINITY,
});

export const recall = (memory: Memory, key: string, now: number): Remembered | null => {
  const recent = memory.recent.get(key);
  const known = recent ?? memory.older.get(key);
  if (known === undefined) return null;
  if (!isUsable(known.statement, now)) {
    forget(memory, key);
    return null;
  }
  if (recent === undefined) remember(memory, key, known);
  return known;
};

/**
 * Keeps a statement. When there are too many, the half that was not asked for lately goes at once: dropping the oldest
 * one each time would make the map walk over thousands of gaps, which takes longer than to verify a proof's mark.
 */
export const remember = (memory: Memory, key: string, remembered: Remembered): void => {
  memory.recent.set(key, remembered);
  if (memory.recent.size < MAXIMUM_STATEMENTS) return;
  memory.older = memory.recent;
  memory.recent = new Map();
};

export const forget = (memory: Memory, key: string): void => {
  memory.recent.delete(key);
  memory.older.delete(key);
};
