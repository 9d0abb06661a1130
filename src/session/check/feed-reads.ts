import { withDeadline } from "../../lib/deadline.ts";
import { bookmarkOf, type Database } from "../database.ts";
import type { Feed, FeedRow } from "./feed.ts";
import { PROOF_MILLISECONDS } from "./proof.ts";

/** Statements live five minutes; a minute more for the clocks of the isolates and of D1. */
const WINDOW_MILLISECONDS = PROOF_MILLISECONDS + 60 * 1000;

/** Rows a read: far more than people log out in the time between two reads. */
const PAGE = 2000;

/** Subjects kept. Above, all are forgotten and statements from before go to D1, which is never wrong. */
const MAXIMUM_SUBJECTS = 20_000;

/** One read of the feed under way: what it asks for, and what may be concluded from its answer. */
export type FeedRead = {
  readonly began: number;
  readonly generation: number;
  readonly epoch: number;
  /** What was known when it began; an answer may come after a later read's. */
  readonly after: Pick<Feed, "seq" | "newest">;
  readonly isCold: boolean;
  /** The newest revocation of all, then the ones that are new here. May ride in any batch. */
  readonly statements: readonly [newest: D1PreparedStatement, rows: D1PreparedStatement];
};

/**
 * What to ask D1 for: one indexed range for all users. Starts over with the window of a statement's life when the last
 * read is so long ago that rows may have been swept since.
 */
export const beginRead = (db: Database, feed: Feed): FeedRead => {
  const began = Date.now();
  const { generation, epoch, seq, newest: known } = feed;
  const isCold = !(began - feed.knownAt < WINDOW_MILLISECONDS) || began < feed.knownAt;
  const rows = isCold
    ? db.prepare(`${ROWS} created_at >= unixepoch() * 1000 - ? ORDER BY seq LIMIT ?`).bind(WINDOW_MILLISECONDS, PAGE)
    : db.prepare(`${ROWS} seq >= ? ORDER BY seq LIMIT ?`).bind(seq, PAGE);
  const newest = db.prepare("SELECT max(seq) AS seq FROM revocation");
  return { began, generation, epoch, after: { seq, newest: known }, isCold, statements: [newest, rows] };
};

/** Takes in the answer of a read, with the bookmark that D1 gave for it. */
export const finishRead = (
  feed: Feed,
  read: FeedRead,
  { newest, rows, bookmark }: { newest: number; rows: readonly FeedRow[]; bookmark: string | null },
): void => {
  feed.isUnreachable = false;
  if (read.epoch !== feed.epoch) return;
  if (!continues(read, newest, rows)) {
    startOver(feed, read.began);
    return;
  }
  for (const { seq, subject } of rows) feed.revoked.set(subject, Math.max(seq, feed.revoked.get(subject) ?? 0));
  if (newest >= feed.seq) {
    feed.seq = newest;
    feed.newest = rows.find(({ seq }) => seq === newest) ?? null;
  }
  // A statement from before the window is from a clock that is far off; what it missed was not read.
  if (read.isCold) feed.floor = Math.max(feed.floor, (rows[0]?.seq ?? newest + 1) - 1);
  // After a mass revocation nobody is worth a second trip: what was said before it goes to D1.
  if (rows.length === PAGE || feed.revoked.size > MAXIMUM_SUBJECTS) forget(feed);
  if (read.began >= feed.knownAt || read.isCold) {
    feed.knownAt = read.began;
    feed.knownGeneration = read.generation;
    feed.bookmark = bookmark;
  }
};

/**
 * Brings the feed up to date by itself: one round trip.
 *
 * @throws what D1 throws, or after the deadline; the feed stays as old as it was
 */
export const readFeed = async (db: Database, feed: Feed): Promise<void> => {
  feed.refreshingSince = Date.now();
  try {
    const read = beginRead(db, feed);
    const [newest, rows] = await withDeadline(db.batch<FeedRow>([...read.statements]));
    finishRead(feed, read, {
      newest: newest?.results[0]?.seq ?? 0,
      rows: rows?.results ?? [],
      bookmark: bookmarkOf(db),
    });
  } catch (error) {
    feed.isUnreachable = true;
    throw error;
  } finally {
    feed.refreshingSince = null;
  }
};

const ROWS = "SELECT seq, subject, created_at FROM revocation WHERE";

/**
 * Whether a read goes on where the last one ended. It does not in a restored database (D1 Time Travel), which gives the
 * same numbers to other revocations; nor where the sweep took the row, which costs some trips and no more.
 */
const continues = (
  { isCold, after: { seq, newest } }: FeedRead,
  last: number,
  [first]: readonly FeedRow[],
): boolean => {
  if (isCold) return last >= seq;
  if (seq === 0) return true;
  if (first?.seq !== seq) return false;
  return newest === null || (first.subject === newest.subject && first.created_at === newest.created_at);
};

/** What was known is of another history: only what is said from now on is judged here. */
const startOver = (feed: Feed, now: number): void => {
  feed.epoch += 1;
  feed.revoked.clear();
  feed.seq = 0;
  feed.newest = null;
  feed.floor = 0;
  feed.since = now;
  feed.knownAt = Number.NEGATIVE_INFINITY;
  // A replica may still be where the database was before.
  feed.bookmark = null;
};

const forget = (feed: Feed): void => {
  feed.revoked.clear();
  feed.floor = feed.seq;
};
