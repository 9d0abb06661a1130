import { d1 as d1Adapter } from "@lucia-auth/adapter-sqlite";
import type { Adapter, InitializeAdapter, SessionSchema, UserSchema } from "lucia";
import { sha256 } from "../lib/hash.ts";
import type { SessionPolicy } from "./lucia.ts";

const TABLES = { user: "user", session: "user_session", key: "user_key" };

/** `lastSeenAt` is shown in hours: writing it at each check would make every page view a write. */
const LAST_SEEN_STEP = 60 * 60 * 1000;

/** Renews an idle session within its absolute lifetime and notes that it was seen; writes only when there is a need. */
const TOUCH = `UPDATE user_session SET
    last_seen_at = ?1,
    active_expires = CASE WHEN active_expires < ?1 THEN min(?1 + ?2, absolute_expires) ELSE active_expires END,
    idle_expires = CASE WHEN active_expires < ?1 THEN min(?1 + ?2 + ?3, absolute_expires) ELSE idle_expires END
  WHERE id = ?4 AND idle_expires >= ?1 AND (active_expires < ?1 OR last_seen_at < ?1 - ?5)`;

/**
 * Lucia's D1 adapter with session ids hashed on the way in: a copy of the database signs nobody in. Lucia itself keeps
 * seeing the token that it asked for.
 */
export const hashingAdapter =
  (db: D1Database): InitializeAdapter<Adapter> =>
  (LuciaErrorClass) => {
    const plain = d1Adapter(db, TABLES)(LuciaErrorClass);
    return {
      ...plain,
      getSession: async (token) => named(token, await plain.getSession(await sha256(token))),
      getSessionAndUser: async (token) => {
        const found = await readSessionAndUser(db, await sha256(token), []);
        return found ? [{ ...found[0], id: token }, found[1]] : [null, null];
      },
      setSession: async (session) => plain.setSession({ ...session, id: await sha256(session.id) }),
      updateSession: async (token, columns) => plain.updateSession(await sha256(token), columns),
      deleteSession: async (token) => plain.deleteSession(await sha256(token)),
    };
  };

/**
 * The adapter of a session check: one round trip, renewal included. Lucia asks for the renewal after it has read the
 * session, which would be a second trip; here the read carries it along, under the same conditions, and Lucia's own
 * request finds it done.
 *
 * @param also further writes about the session with this hash, for the same trip; without them the check fails
 */
export const checkingAdapter =
  (
    db: D1Database,
    policy: SessionPolicy,
    also: (sessionHash: string) => readonly D1PreparedStatement[] = () => [],
  ): InitializeAdapter<Adapter> =>
  (LuciaErrorClass) => ({
    ...hashingAdapter(db)(LuciaErrorClass),
    getSessionAndUser: async (token) => {
      const hash = await sha256(token);
      const touch = db.prepare(TOUCH).bind(Date.now(), policy.active, policy.idle, hash, LAST_SEEN_STEP);
      const writes = also(hash);
      const found = await readSessionAndUser(db, hash, [touch, ...writes]).catch((error) => {
        // A database that refuses writes (the free plan's daily limit) must not sign anybody out, so reading goes on.
        if (writes.length > 0) throw error;
        return readSessionAndUser(db, hash, []);
      });
      return found ? [{ ...found[0], id: token }, found[1]] : [null, null];
    },
    updateSession: async () => {},
  });

/** The session and its user in one batch; `also` runs after both were read, in the same transaction. */
const readSessionAndUser = async (
  db: D1Database,
  hash: string,
  also: readonly D1PreparedStatement[],
): Promise<[SessionSchema, UserSchema] | null> => {
  const session = db.prepare("SELECT * FROM user_session WHERE id = ?").bind(hash);
  const user = db
    .prepare("SELECT user.* FROM user_session JOIN user ON user.id = user_session.user_id WHERE user_session.id = ?")
    .bind(hash);
  const [sessions, users] = await db.batch<SessionSchema & UserSchema>([session, user, ...also]);
  const foundSession = sessions?.results[0];
  const foundUser = users?.results[0];
  return foundSession && foundUser ? [foundSession, foundUser] : null;
};

const named = (token: string, session: SessionSchema | null): SessionSchema | null =>
  session && { ...session, id: token };
