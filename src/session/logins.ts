import { withRetry } from "../lib/d1-retry.ts";
import { withDeadline } from "../lib/deadline.ts";
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
  const statement = db
    .prepare(
      `SELECT login_id AS id, min(created_at) AS createdAt, max(last_seen_at) AS lastSeenAt,
              user_agent AS userAgent, country
         FROM user_session WHERE user_id = ?1 AND idle_expires >= ?2
        GROUP BY login_id ORDER BY lastSeenAt DESC, id`,
    )
    .bind(userId, now);
  return (await withDeadline(statement.all<Login>())).results;
};

/** Ends one login of this user; `false` when the user has no such login. */
export const revokeLogin = async (db: D1Database, userId: string, loginId: string): Promise<boolean> => {
  const statement = db.prepare("DELETE FROM user_session WHERE login_id = ? AND user_id = ? RETURNING id");
  return (await withDeadline(statement.bind(loginId, userId).all())).results.length > 0;
};

/** Ends a login by its public id, whoever it belongs to: for callers that the operator trusts. */
export const endLoginById = async (db: D1Database, loginId: string): Promise<boolean> => {
  const statement = db.prepare("DELETE FROM user_session WHERE login_id = ? RETURNING id");
  return (await withDeadline(statement.bind(loginId).all())).results.length > 0;
};

/** Ends every login of this user but one; `false` when there was no other. */
export const revokeOtherLogins = async (db: D1Database, userId: string, keptLoginId: string): Promise<boolean> => {
  const statement = db.prepare("DELETE FROM user_session WHERE user_id = ? AND login_id <> ? RETURNING id");
  return (await withDeadline(statement.bind(userId, keptLoginId).all())).results.length > 0;
};

/**
 * Ends the logins that session tokens belong to, or all logins of their users. An unknown or dead token changes
 * nothing: whoever finds an old one must not sign anybody out everywhere.
 *
 * @returns whether anything ended, or may have: of a first try whose answer was lost nobody knows
 */
export const endLogins = async (
  db: D1Database,
  tokens: readonly string[],
  { everywhere, now }: { everywhere: boolean; now: number },
): Promise<boolean> => {
  const column = everywhere ? "user_id" : "login_id";
  const statement = db.prepare(
    `DELETE FROM user_session WHERE ${column} IN (
       SELECT ${column} FROM user_session WHERE id IN (SELECT value FROM json_each(?1)) AND idle_expires >= ?2
     ) RETURNING id`,
  );
  const hashes = await Promise.all(tokens.map(sha256));
  let tries = 0;
  const { results } = await withRetry(() => {
    tries += 1;
    return withDeadline(statement.bind(JSON.stringify(hashes), now).all());
  });
  return results.length > 0 || tries > 1;
};
