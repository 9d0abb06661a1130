import type { Database } from "../database.ts";
import type { SignInRows } from "./sign-in-adapter.ts";

/** Which of the statements below updates a known user's profile. */
export const PROFILE_UPDATE = 2;

/**
 * The statements that sign somebody in, for one transaction: whoever the key belongs to is found or made, the profile
 * is brought up to date, and the session is theirs. Nothing is read before, so that of any number of first logins at
 * once one makes the user and the others find it; and all of it may run twice, as after a lost connection.
 *
 * A login that was given up in the meantime, because the database took too long, makes no session any more.
 *
 * @param hashes SHA-256 of the session's token, and of the state whose attempt it ends
 */
export const signInStatements = (
  db: Database,
  { user, key, session }: SignInRows,
  { sessionHash, stateHash }: { sessionHash: string; stateHash: string },
): D1PreparedStatement[] => [
  db
    .prepare(
      `INSERT INTO user (id, kakao_id, nickname, picture, email, email_verified, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM user_key WHERE id = ?8)`,
    )
    .bind(
      user.id,
      user.kakao_id,
      user.nickname,
      user.picture,
      user.email,
      user.email_verified,
      user.created_at,
      key.id,
    ),
  db
    .prepare(
      `INSERT INTO user_key (id, user_id, hashed_password)
       SELECT ?1, id, NULL FROM user WHERE id = ?2 ON CONFLICT (id) DO NOTHING`,
    )
    .bind(key.id, user.id),
  db
    .prepare(
      `UPDATE user SET nickname = ?2, picture = ?3, email = ?4, email_verified = ?5
        WHERE id = (SELECT user_id FROM user_key WHERE id = ?1)
          AND (nickname IS NOT ?2 OR picture IS NOT ?3 OR email IS NOT ?4 OR email_verified IS NOT ?5)`,
    )
    .bind(key.id, user.nickname, user.picture, user.email, user.email_verified),
  db
    .prepare(
      `INSERT INTO user_session
         (id, user_id, active_expires, idle_expires, login_id, created_at, absolute_expires, last_seen_at, user_agent, country)
       SELECT ?2, user_id, min(?3, ?7), min(?4, ?7), ?5, ?6, ?7, ?8, ?9, ?10 FROM user_key
        WHERE id = ?1 AND EXISTS (SELECT 1 FROM login_attempt WHERE id = ?11 AND outcome IS NULL)
       ON CONFLICT (id) DO NOTHING`,
    )
    .bind(
      key.id,
      sessionHash,
      session.active_expires,
      session.idle_expires,
      session.login_id,
      session.created_at,
      session.absolute_expires,
      session.last_seen_at,
      session.user_agent,
      session.country,
      stateHash,
    ),
];

/** Keeps Kakao's tokens, sealed by the caller, for the user that a key belongs to. Times in milliseconds since 1970. */
export const keepTokens = (
  db: Database,
  keyId: string,
  tokens: { sealed: string; accessExpires: number; refreshExpires: number },
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO kakao_token (user_id, sealed, access_expires, refresh_expires)
       SELECT user_id, ?2, ?3, ?4 FROM user_key WHERE id = ?1
       ON CONFLICT (user_id) DO UPDATE SET sealed = ?2, access_expires = ?3, refresh_expires = ?4`,
    )
    .bind(keyId, tokens.sealed, tokens.accessExpires, tokens.refreshExpires);
