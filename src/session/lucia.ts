import { type Adapter, type InitializeAdapter, lucia } from "lucia";

/** Lifetimes of a session, in milliseconds. `active`: checks write nothing; `idle`: after that, a check renews. */
export type SessionPolicy = { readonly active: number; readonly idle: number; readonly absolute: number };

type UserColumns = {
  kakao_id: string | null;
  nickname: string | null;
  picture: string | null;
  email: string | null;
  email_verified: number;
  created_at: number;
};

type SessionColumns = {
  login_id: string;
  created_at: number;
  absolute_expires: number;
  last_seen_at: number;
  user_agent: string | null;
  country: string | null;
};

declare global {
  namespace Lucia {
    type Auth = import("./lucia.ts").Auth;
    type DatabaseUserAttributes = UserColumns;
    type DatabaseSessionAttributes = SessionColumns;
  }
}

/**
 * Lucia over an adapter. Only its sessions, keys and users are used: its request handling overwrites cookies and
 * breaks on Hono 4, its origin check accepts foreign domains, and its cookies know no prefix. Those parts are ours.
 */
export const createAuth = (adapter: InitializeAdapter<Adapter>, policy: SessionPolicy) =>
  lucia({
    adapter,
    env: "PROD",
    csrfProtection: false,
    sessionExpiresIn: { activePeriod: policy.active, idlePeriod: policy.idle },
    getUserAttributes: (user) => ({
      kakaoId: user.kakao_id,
      nickname: user.nickname,
      picture: user.picture,
      email: user.email,
      emailVerified: user.email_verified === 1,
      createdAt: user.created_at,
    }),
    getSessionAttributes: (session) => ({
      loginId: session.login_id,
      createdAt: session.created_at,
      absoluteExpires: session.absolute_expires,
    }),
  });

export type Auth = ReturnType<typeof createAuth>;
