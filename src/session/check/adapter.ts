import { d1 as d1Adapter } from "@lucia-auth/adapter-sqlite";
import type { Adapter, InitializeAdapter, SessionSchema, UserSchema } from "lucia";
import { DATABASE_MILLISECONDS, hasMissedDeadline, withDeadline } from "../../lib/deadline.ts";
import { sha256 } from "../../lib/hash.ts";
import { bookmarkOf, type Database } from "../database.ts";
import type { SessionPolicy } from "../lucia.ts";
import type { Feed, FeedRow } from "./feed.ts";
import { beginRead, finishRead } from "./feed-reads.ts";

const TABLES = { user: "user", session: "user_session", key: "user_key" };

/** `lastSeenAt` is shown in hours: writing it at each check would make every page view a write. */
const LAST_SEEN_STEP = 60 * 60 * 1000;

/** Renews an idle session within its absolute lifetime and notes that it was seen; writes only when there is a need. */
const TOUCH = `UPDATE user_session SET
    last_seen_at = ?1,
    active_expires = CASE WHEN active_expires < ?1 THEN min(?1 + ?2, absolute_expires) ELSE active_expires END,
    idle_expires = CASE WHEN active_expires < ?1 THEN min(?1 + ?2 + ?3, absolute_expires) ELSE idle_expires END
  WHERE id = ?4 AND idle_expires >= ?1 AND (active_expires < ?1 OR last_seen_at < ?1 - ?5)`;

/** Whether a check of a live session has something to write: the condition of `TOUCH`. */
export const isTouchDue = (session: Pick<SessionSchema, "active_expires" | "last_seen_at">, now: number): boolean =>
  session.active_expires < now || session.last_seen_at < now - LAST_SEEN_STEP;

/**
 * Lucia's D1 adapter with session ids hashed on the way in: a copy of the database signs nobody in. Lucia itself keeps
 * seeing the token that it asked for.
 */
export const hashingAdapter =
  (db: Database): InitializeAdapter<Adapter> =>
  (LuciaErrorClass) => {
    const plain = d1Adapter(db, TABLES)(LuciaErrorClass);
    return {
      ...plain,
      getSession: async (token) => named(token, await plain.getSession(await sha256(token))),
      getSessionAndUser: async (token) => {
        const found = await readSessionAndUser(db, await sha256(token));
        return found ? [{ ...found[0], id: token }, found[1]] : [null, null];
      },
      setSession: async (session) => plain.setSession({ ...session, id: await sha256(session.id) }),
      updateSession: async (token, columns) => plain.updateSession(await sha256(token), columns),
      deleteSession: async (token) => plain.deleteSession(await sha256(token)),
    };
  };

/** Writes about a live session that ride on its check; without them the check fails. */
export type AlsoWrite = (sessionHash: string) => readonly D1PreparedStatement[];

/** What a check learned beside the session, for whoever remembers its answer. */
export type Reading = {
  sessionHash: string;
  seq: number;
  /** When D1 was asked. */
  issuedAt: number;
  /** The database reads but does not write: nothing was renewed, whatever Lucia believes. */
  isReadOnly: boolean;
  /** When the session ends by its row, as it stood before a renewal. */
  idleExpires: number;
};

/**
 * The adapter of a session check: one round trip, renewal included. Lucia asks for the renewal after it has read the
 * session, which would be a second trip; here the read carries it along, under the same conditions, and Lucia's own
 * request finds it done.
 */
export const createCheckingAdapter = (
  db: Database,
  policy: SessionPolicy,
  { renew, also = () => [], ...reads }: { renew: boolean; also?: AlsoWrite | undefined } & Omit<ReadOptions, "also">,
): { adapter: InitializeAdapter<Adapter>; reading: Reading } => {
  const reading: Reading = { sessionHash: "", seq: 0, issuedAt: 0, isReadOnly: false, idleExpires: 0 };
  const adapter: InitializeAdapter<Adapter> = (LuciaErrorClass) => ({
    ...hashingAdapter(db)(LuciaErrorClass),
    getSessionAndUser: async (token) => {
      const hash = await sha256(token);
      const touch = db.prepare(TOUCH).bind(Date.now(), policy.active, policy.idle, hash, LAST_SEEN_STEP);
      const writes = also(hash);
      const wish = { ...reads, also: renew ? [touch, ...writes] : writes };
      const found = await readSessionAndUser(db, hash, wish).catch((error) => {
        // A database that refuses writes (the free plan's daily limit) must not sign anybody out, so reading goes on.
        if (writes.length > 0 || hasMissedDeadline(error)) throw error;
        reading.isReadOnly = true;
        return readSessionAndUser(db, hash, reads);
      });
      if (!found) return [null, null];
      const [session, user, seq, issuedAt] = found;
      Object.assign(reading, { sessionHash: hash, seq, issuedAt, idleExpires: session.idle_expires });
      return [{ ...session, id: token }, user];
    },
    updateSession: async () => {},
  });
  return { adapter, reading };
};

/** The statements that read a session and its user. */
export const sessionAndUser = (db: Database, sessionHash: string): [D1PreparedStatement, D1PreparedStatement] => [
  db.prepare("SELECT * FROM user_session WHERE id = ?").bind(sessionHash),
  db
    .prepare("SELECT user.* FROM user_session JOIN user ON user.id = user_session.user_id WHERE user_session.id = ?")
    .bind(sessionHash),
];

type ReadOptions = {
  /** Runs after session and user were read, in the same transaction. */
  also?: readonly D1PreparedStatement[] | undefined;
  /** Is brought up to date on the way. */
  feed?: Feed | null | undefined;
  /** Milliseconds until it is too late. */
  within?: number | undefined;
};

/**
 * The session, its user and the newest revocation in one batch, and when it was asked for: the moment that the feed counts
 * from as well, since a feed that starts over with this batch believes nothing older.
 */
export const readSessionAndUser = async (
  db: Database,
  hash: string,
  { also = [], feed = null, within = DATABASE_MILLISECONDS }: ReadOptions = {},
): Promise<[session: SessionSchema, user: UserSchema, seq: number, issuedAt: number] | null> => {
  const read = feed && beginRead(db, feed);
  const issuedAt = read ? read.began : Date.now();
  const revocations = read ? read.statements : [db.prepare("SELECT max(seq) AS seq FROM revocation")];
  const results = await withDeadline(
    db.batch<SessionSchema & UserSchema & FeedRow>([...sessionAndUser(db, hash), ...also, ...revocations]),
    within,
  );
  const [sessions, users] = results;
  // Last, so that the notice of a renewal made here does not outdate what is about to be said of it.
  const [newest, rows] = results.slice(2 + also.length);
  const seq = newest?.results[0]?.seq ?? 0;
  if (feed && read) finishRead(feed, read, { newest: seq, rows: rows?.results ?? [], bookmark: bookmarkOf(db) });
  const foundSession = sessions?.results[0];
  const foundUser = users?.results[0];
  return foundSession && foundUser ? [foundSession, foundUser, seq, issuedAt] : null;
};

const named = (token: string, session: SessionSchema | null): SessionSchema | null =>
  session && { ...session, id: token };
