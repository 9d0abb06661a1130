import type { SessionSchema, UserSchema } from "lucia";
import { withDeadline } from "../../lib/deadline.ts";
import { sha256 } from "../../lib/hash.ts";
import { sessionAndUser } from "../check/adapter.ts";
import { describeRows } from "../check/strict-check.ts";
import type { Database } from "../database.ts";
import type { SessionPolicy } from "../lucia.ts";
import type { SignedIn } from "../signed-in.ts";

/** A hand-off that a front end asked for when the login started. */
export type HandoffRequest = {
  /** Origin of the return target: the only one that may exchange the code. */
  origin: string;
  /** S256 challenge (RFC 7636 section 4.2). */
  challenge: string;
};

/** How the exchanged session travels: in an HttpOnly cookie, or as a token in the front end's memory. */
export type Transport = "cookie" | "bearer";

/** What a front end shows to turn a code into a session. */
export type Exchange = {
  code: string;
  /** S256 challenge of the verifier that was sent; `null` when that was none in RFC 7636's form. */
  challenge: string | null;
  origin: string;
  transport: Transport;
  /** Token of the session to be made. */
  sessionToken: string;
  userAgent: string | null;
  country: string | null;
  now: number;
};

/** `endedOthers`: it took another session's place, the cookie's of the first exchange or a surplus one's. */
export type ExchangeResult =
  | { kind: "exchanged"; signedIn: SignedIn; endedOthers: boolean }
  | { kind: "burned" }
  | { kind: "refused" };

/** A bearer page makes a session at each reload; the ones not seen for longest go first. */
const SESSIONS_PER_LOGIN = 50;

/** RFC 6749 section 4.1.2 recommends ten minutes at most; a redirect takes seconds. */
const CODE_MILLISECONDS = 60 * 1000;

/**
 * The statement that stores a code for a live session, hashed. It stores nothing when the session is gone, so it may
 * run in the same batch as whatever makes or checks that session.
 */
export const storeCode = (
  db: Database,
  handoff: HandoffRequest & { codeHash: string; sessionHash: string; now: number },
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO handoff_code (id, login_id, user_id, origin, challenge, expires_at)
       SELECT ?1, login_id, user_id, ?3, ?4, ?5 FROM user_session WHERE id = ?2 AND idle_expires >= ?6
       ON CONFLICT (id) DO NOTHING`,
    )
    .bind(
      handoff.codeHash,
      handoff.sessionHash,
      handoff.origin,
      handoff.challenge,
      handoff.now + CODE_MILLISECONDS,
      handoff.now,
    );

/**
 * Spends the code. With the right verifier at the right origin it names the session to be made; an unused code is
 * burned by any other guess. A used one changes only for the one fall-back from cookie to bearer.
 */
const SPEND = `UPDATE handoff_code SET
    state = CASE WHEN challenge = ?2 AND origin = ?3 THEN ?4 ELSE 'burned' END,
    replaced_session_id = session_id,
    session_id = CASE WHEN challenge = ?2 AND origin = ?3 THEN ?5 END
  WHERE id = ?1 AND expires_at >= ?6
    AND (state = 'unused' OR (state = 'cookie' AND ?4 = 'bearer' AND challenge = ?2 AND origin = ?3))
  RETURNING state`;

/** Makes the session inside its login: the same absolute end, and nothing at all once that login was ended. */
const MAKE_SESSION = `INSERT INTO user_session
    (id, user_id, login_id, created_at, absolute_expires, active_expires, idle_expires, last_seen_at, user_agent, country)
  SELECT ?1, family.user_id, family.login_id, min(family.created_at), family.absolute_expires,
         min(?3 + ?4, family.absolute_expires), min(?3 + ?4 + ?5, family.absolute_expires), ?3, ?6, ?7
    FROM handoff_code JOIN user_session AS family ON family.login_id = handoff_code.login_id
   WHERE handoff_code.id = ?2 AND handoff_code.session_id = ?1 AND family.idle_expires >= ?3
     AND family.absolute_expires > ?3
   GROUP BY family.login_id`;

const END_REPLACED = `DELETE FROM user_session WHERE id =
  (SELECT replaced_session_id FROM handoff_code WHERE id = ?1 AND session_id = ?2 AND state = 'bearer') RETURNING id`;

/** The first session of a login is the auth host's, which single sign-on needs: it never counts as surplus. */
const END_SURPLUS = `DELETE FROM user_session WHERE id IN (
    SELECT id FROM user_session AS member
     WHERE login_id = (SELECT login_id FROM user_session WHERE id = ?1)
       AND rowid > (SELECT min(rowid) FROM user_session WHERE login_id = member.login_id)
     ORDER BY last_seen_at DESC, rowid DESC LIMIT -1 OFFSET ${SESSIONS_PER_LOGIN - 1}) RETURNING id`;

/** Exchanges a code for a session, in one transaction: of any number of tries at once, one succeeds. */
export const exchangeCode = async (
  db: Database,
  policy: SessionPolicy,
  exchange: Exchange,
): Promise<ExchangeResult> => {
  const { challenge, origin, transport, now } = exchange;
  const codeHash = await sha256(exchange.code);
  const sessionHash = await sha256(exchange.sessionToken);
  const [spent, , sessions, users, replaced, surplus] = await withDeadline(
    db.batch<{ state: string } & SessionSchema & UserSchema>([
      db.prepare(SPEND).bind(codeHash, challenge ?? "", origin, transport, sessionHash, now),
      db
        .prepare(MAKE_SESSION)
        .bind(sessionHash, codeHash, now, policy.active, policy.idle, exchange.userAgent, exchange.country),
      ...sessionAndUser(db, sessionHash),
      db.prepare(END_REPLACED).bind(codeHash, sessionHash),
      db.prepare(END_SURPLUS).bind(sessionHash),
    ]),
  );
  const [session] = sessions?.results ?? [];
  const [user] = users?.results ?? [];
  if (!session || !user) return { kind: spent?.results[0]?.state === "burned" ? "burned" : "refused" };
  const signedIn = await describeRows(db, policy, { session, user });
  const endedOthers = [replaced, surplus].some((ended) => ended !== undefined && ended.results.length > 0);
  return { kind: "exchanged", signedIn, endedOthers };
};
