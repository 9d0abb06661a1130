import { withRetry } from "../lib/d1-retry.ts";
import { sha256 } from "../lib/hash.ts";

/** One login as its owner sees it: several sessions of one browser count as one. Times in milliseconds since 1970. */
export type Login = {
  id: string;
  createdAt: number;
  lastSeenAt: number;
  userAgent: string | null;
  country: string | null;
};

/** The live logins of a user, the one seen last first. */
export const listLogins = async (db: D1Database, userId: string, now: number): Promise<Login[]> => {
  const { results } = await db
    .prepare(
      `SELECT login_id AS id, min(created_at) AS createdAt, max(last_seen_at) AS lastSeenAt,
              user_agent AS userAgent, country
         FROM user_session WHERE user_id = ?1 AND idle_expires >= ?2
        GROUP BY login_id ORDER BY lastSeenAt DESC, id`,
    )
    .bind(userId, now)
    .all<Login>();
  return results;
};

/** Ends one login of this user; `false` when the user has no such login. */
export const revokeLogin = async (db: D1Database, userId: string, loginId: string): Promise<boolean> => {
  const { results } = await db
    .prepare("DELETE FROM user_session WHERE login_id = ? AND user_id = ? RETURNING id")
    .bind(loginId, userId)
    .all();
  return results.length > 0;
};

/** Ends every login of this user but one. */
export const revokeOtherLogins = async (db: D1Database, userId: string, keptLoginId: string): Promise<void> => {
  await db.prepare("DELETE FROM user_session WHERE user_id = ? AND login_id <> ?").bind(userId, keptLoginId).run();
};

/** Ends the logins that session tokens belong to, or all logins of their users. An unknown token changes nothing. */
export const endLogins = async (db: D1Database, tokens: readonly string[], everywhere: boolean): Promise<void> => {
  const column = everywhere ? "user_id" : "login_id";
  const statement = db.prepare(
    `DELETE FROM user_session WHERE ${column} = (SELECT ${column} FROM user_session WHERE id = ?)`,
  );
  const hashes = await Promise.all(tokens.map(sha256));
  await withRetry(() => db.batch(hashes.map((hash) => statement.bind(hash))));
};
