import { createFeed, type Feed } from "./feed.ts";
import { isUsable, type Statement } from "./proof.ts";

/**
 * What one isolate remembers between requests: statements by what proved them, and the feed that can outdate them.
 * A cookie's statement is found by token and proof together, a bearer's by its token, since a bearer carries no proof.
 */
export type Memory = {
  readonly feed: Feed;
  readonly statements: Map<string, Remembered>;
  /** When a replica last failed to answer, in milliseconds since 1970. */
  replicaFailedAt: number;
};

/** A statement with the body that `/session` answers for it, written once. */
export type Remembered = { readonly statement: Statement; readonly body: string };

/** About 1 kB each. */
const MAXIMUM_STATEMENTS = 5000;

export const createMemory = (): Memory => ({
  feed: createFeed(),
  statements: new Map(),
  replicaFailedAt: Number.NEGATIVE_INFINITY,
});

export const recall = (memory: Memory, key: string, now: number): Remembered | null => {
  const known = memory.statements.get(key);
  if (known === undefined) return null;
  if (isUsable(known.statement, now)) return known;
  memory.statements.delete(key);
  return null;
};

/** Keeps a statement; the oldest one goes when there are too many. */
export const remember = (memory: Memory, key: string, remembered: Remembered): void => {
  memory.statements.delete(key);
  memory.statements.set(key, remembered);
  if (memory.statements.size <= MAXIMUM_STATEMENTS) return;
  const [oldest] = memory.statements.keys();
  if (oldest !== undefined) memory.statements.delete(oldest);
};

export const forget = (memory: Memory, key: string): void => {
  memory.statements.delete(key);
};
