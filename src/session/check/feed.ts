import type { Statement } from "./proof.ts";

/**
 * What one isolate knows of revocations. Plain data, shared by its requests; never a pending promise, which would hang
 * for everybody once its own request is aborted.
 */
export type Feed = {
  /** The newest revocation read. */
  seq: number;
  /** How that revocation stands in D1, once it was read: where it is another one, the database was set back. */
  newest: FeedRow | null;
  /** Statements that know less than this are not judged here: what they missed has been forgotten. */
  floor: number;
  /** When the newest complete read *began*: everything committed before then is known. */
  knownAt: number;
  /** D1's bookmark of that read: a replica that has reached it is as new as this feed. `null`: none may be asked. */
  bookmark: string | null;
  /** Counts revocations made by this isolate itself. A read that began before one says nothing about it. */
  generation: number;
  knownGeneration: number;
  /** Counts the times that the database was found set back; a read from before says nothing any more. */
  epoch: number;
  /** Statements from before are not judged here either: the database was set back to an earlier moment. */
  since: number;
  /** When a background read began that has not come back. */
  refreshingSince: number | null;
  /** The last read failed: answers come from what was known before. */
  isUnreachable: boolean;
  /** Subject (session hash or user id) and the newest revocation about it. */
  readonly revoked: Map<string, number>;
};

export type FeedRow = { seq: number; subject: string; created_at: number };

/** A background read that has not come back by then is taken for lost. */
const LOST_MILLISECONDS = 3000;

export const createFeed = (): Feed => ({
  seq: 0,
  newest: null,
  floor: 0,
  knownAt: Number.NEGATIVE_INFINITY,
  bookmark: null,
  generation: 0,
  knownGeneration: 0,
  epoch: 0,
  since: 0,
  refreshingSince: null,
  isUnreachable: false,
  revoked: new Map(),
});

/** Whether the feed may answer: it is no older than the lag, no revocation of our own is newer, no clock jumped back. */
export const isFresh = (feed: Feed, lag: number, now: number): boolean =>
  feed.knownGeneration === feed.generation && feed.knownAt <= now && now - feed.knownAt < lag;

/** Whether a read should begin in the background now, so that a busy isolate never waits for one. */
export const isDue = (feed: Feed, lag: number, now: number): boolean =>
  now - feed.knownAt >= lag * 0.75 && !isBeingRead(feed, now);

/** Whether a read in the background is under way that may still come back. */
export const isBeingRead = ({ refreshingSince }: Feed, now: number): boolean =>
  refreshingSince !== null && refreshingSince <= now && now - refreshingSince <= LOST_MILLISECONDS;

/**
 * Whether nothing that the feed knows speaks against a statement. One that knew more than the feed when the feed was read
 * speaks of a database that was set back since.
 */
export const stillHolds = (feed: Feed, { seq, sessionHash, signedIn, issuedAt }: Statement): boolean =>
  seq >= feed.floor &&
  issuedAt >= feed.since &&
  (seq <= feed.seq || issuedAt >= feed.knownAt) &&
  (feed.revoked.get(sessionHash) ?? 0) <= seq &&
  (feed.revoked.get(signedIn.user.id) ?? 0) <= seq;

/** After a revocation by this isolate: nothing is answered from statements before the feed was read again. */
export const outdate = (feed: Feed): void => {
  feed.generation += 1;
};

/** Ends sessions, and outdates the feed if any ended or may have: of an answer that was lost nobody knows. */
export const endAndOutdate = async (feed: Feed, end: () => Promise<boolean>): Promise<boolean> => {
  let mayHaveEnded = true;
  try {
    mayHaveEnded = await end();
    return mayHaveEnded;
  } finally {
    if (mayHaveEnded) outdate(feed);
  }
};
