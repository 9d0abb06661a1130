import { type KakaoUserAuth, type Profile, profileOf } from "../kakao/index.ts";
import { isTransient } from "../lib/d1-retry.ts";
import { sha256 } from "../lib/hash.ts";
import { type Keyring, seal } from "../lib/seal.ts";
import { noteOutcome } from "./attempts.ts";
import { type HandoffRequest, storeCode } from "./handoff.ts";
import type { Auth, SessionPolicy } from "./lucia.ts";
import { isDuplicateKey, type SignInAdapter } from "./sign-in-adapter.ts";

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
 * Finds or creates the Lucia user of a Kakao user, refreshes the profile, and makes a session: one round trip to find,
 * one transaction to write. When another first login of the same person wins the race, the second try finds its user.
 *
 * @returns when the session ends, in milliseconds since 1970, if it is never used
 * @throws what D1 throws when it stays away
 */
export const signIn = async (
  {
    db,
    auth,
    adapter,
    policy,
    keyring,
  }: {
    db: D1Database;
    auth: Auth;
    adapter: SignInAdapter;
    policy: SessionPolicy;
    keyring: Keyring;
  },
  login: SignIn,
): Promise<number> => {
  const work = async (): Promise<number> => {
    adapter.reset();
    const userId = await findOrCreateUser(auth, login);
    const absoluteExpires = login.now + policy.absolute;
    const session = await auth.createSession({
      userId,
      sessionId: login.sessionToken,
      attributes: {
        login_id: login.loginId,
        created_at: login.now,
        absolute_expires: absoluteExpires,
        last_seen_at: login.now,
        user_agent: login.userAgent?.slice(0, 256) ?? null,
        country: login.country,
      },
    });
    const { handoff, now } = login;
    const sessionHash = await sha256(login.sessionToken);
    await adapter.commit([
      await keepTokens(db, keyring, userId, login),
      noteOutcome(db, login.stateHash, "signed_in"),
      ...(handoff ? [storeCode(db, { ...handoff, sessionHash, now })] : []),
    ]);
    return Math.min(session.idlePeriodExpiresAt.getTime(), absoluteExpires);
  };
  try {
    return await work();
  } catch (error) {
    if (!isDuplicateKey(error) && !isTransient(error)) throw error;
    return await work();
  }
};

const findOrCreateUser = async (auth: Auth, { kakaoUserAuth, now }: SignIn): Promise<string> => {
  const profile = profileOf(kakaoUserAuth.kakaoUser);
  const columns = columnsOf(profile);
  const existing = await kakaoUserAuth.getExistingUser();
  if (!existing) {
    const attributes = { ...columns, kakao_id: kakaoUserAuth.kakaoUserId, created_at: now };
    return (await kakaoUserAuth.createUser({ attributes })).userId;
  }
  if (!isSameProfile(existing, profile)) await auth.updateUserAttributes(existing.userId, columns);
  return existing.userId;
};

const columnsOf = ({ nickname, picture, email, emailVerified }: Profile) => ({
  nickname,
  picture,
  email,
  email_verified: emailVerified ? 1 : 0,
});

const isSameProfile = (a: Profile, b: Profile): boolean =>
  a.nickname === b.nickname && a.picture === b.picture && a.email === b.email && a.emailVerified === b.emailVerified;

/** Kakao's tokens are needed once more, to unlink: they rest encrypted, and open for this user's row alone. */
const keepTokens = async (
  db: D1Database,
  keyring: Keyring,
  userId: string,
  { kakaoUserAuth: { kakaoTokens }, now }: SignIn,
): Promise<D1PreparedStatement> => {
  const { accessToken, refreshToken, expiresIn, refreshTokenExpiresIn } = kakaoTokens;
  const sealed = await seal(keyring, "kakao-token", userId, JSON.stringify({ accessToken, refreshToken }));
  return db
    .prepare(
      `INSERT INTO kakao_token (user_id, sealed, access_expires, refresh_expires) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT (user_id) DO UPDATE SET sealed = ?2, access_expires = ?3, refresh_expires = ?4`,
    )
    .bind(userId, sealed, Math.trunc(now + expiresIn * 1000), Math.trunc(now + refreshTokenExpiresIn * 1000));
};
