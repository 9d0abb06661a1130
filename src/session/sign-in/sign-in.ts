import { type KakaoUserAuth, profileOf } from "../../kakao/index.ts";
import { withRetry } from "../../lib/d1-retry.ts";
import { withDeadline } from "../../lib/deadline.ts";
import { sha256 } from "../../lib/hash.ts";
import type { Keyring } from "../../lib/keyring.ts";
import { seal } from "../../lib/seal.ts";
import type { Database } from "../database.ts";
import type { Auth, SessionPolicy } from "../lucia.ts";
import { noteSignIn } from "./attempts.ts";
import { type HandoffRequest, storeCode } from "./handoff.ts";
import type { SignInRows } from "./sign-in-adapter.ts";
import { keepTokens, PROFILE_UPDATE, signInStatements } from "./sign-in-statements.ts";

/** What a sign-in works with: Lucia over the adapter that keeps its rows back, and where they go. */
export type SignInTools = {
  db: Database;
  auth: Auth;
  takeRows: () => SignInRows;
  policy: SessionPolicy;
  keyring: Keyring;
};

/** A login that Kakao vouched for, and what its session is to be. */
export type SignIn = {
  kakaoUserAuth: KakaoUserAuth<Auth>;
  /** The session's token and public login id; both made by the caller, so that a repeated callback makes the same. */
  sessionToken: string;
  loginId: string;
  userAgent: string | null;
  country: string | null;
  /** Hash of the state whose attempt ends with this sign-in. */
  stateHash: string;
  /** A front end on another site waits for a code; `null` when none asked. */
  handoff: (HandoffRequest & { codeHash: string }) | null;
  now: number;
};

/**
 * Finds or creates the user of a Kakao user, refreshes the profile, and makes a session: one round trip, one
 * transaction.
 *
 * @returns when the session ends, in milliseconds since 1970, if it is never used; and whether a known user's profile
 *   changed, which outdates what was said of that user before
 * @throws what D1 throws when it stays away
 */
export const signIn = async (
  tools: SignInTools,
  login: SignIn,
): Promise<{ expiresAt: number; profileChanged: boolean }> => {
  const { db, auth, takeRows, policy, keyring } = tools;
  const { kakaoUserAuth, handoff, now } = login;
  const { nickname, picture, email, emailVerified } = profileOf(kakaoUserAuth.kakaoUser);
  const { userId } = await kakaoUserAuth.createUser({
    attributes: {
      kakao_id: kakaoUserAuth.kakaoUserId,
      nickname,
      picture,
      email,
      email_verified: emailVerified ? 1 : 0,
      created_at: now,
    },
  });
  const absoluteExpires = now + policy.absolute;
  const session = await auth.createSession({
    userId,
    sessionId: login.sessionToken,
    attributes: {
      login_id: login.loginId,
      created_at: now,
      absolute_expires: absoluteExpires,
      last_seen_at: now,
      user_agent: login.userAgent?.slice(0, 256) ?? null,
      country: login.country,
    },
  });

  const rows = takeRows();
  const sessionHash = await sha256(login.sessionToken);
  const statements = [
    ...signInStatements(db, rows, { sessionHash, stateHash: login.stateHash }),
    keepTokens(db, rows.key.id, await sealTokens(keyring, rows.key.id, login)),
    noteSignIn(db, login.stateHash),
    ...(handoff ? [storeCode(db, { ...handoff, sessionHash, now })] : []),
  ];
  const results = await withRetry(() => withDeadline(db.batch(statements)));
  return {
    expiresAt: Math.min(session.idlePeriodExpiresAt.getTime(), absoluteExpires),
    profileChanged: (results[PROFILE_UPDATE]?.meta.changes ?? 0) > 0,
  };
};

/** Kakao's tokens are needed once more, to unlink: they rest encrypted, and open for this person's key alone. */
const sealTokens = async (keyring: Keyring, keyId: string, { kakaoUserAuth: { kakaoTokens }, now }: SignIn) => {
  const { accessToken, refreshToken, expiresIn, refreshTokenExpiresIn } = kakaoTokens;
  return {
    sealed: await seal(keyring, "kakao-token", keyId, JSON.stringify({ accessToken, refreshToken })),
    accessExpires: Math.trunc(now + expiresIn * 1000),
    refreshExpires: Math.trunc(now + refreshTokenExpiresIn * 1000),
  };
};
