import type { SignedIn } from "./check.ts";

/** What `/session` shows; dates are ISO 8601 in UTC, and nothing in it is a credential. */
export const viewOf = ({ user, session }: SignedIn) => ({
  user: {
    id: user.id,
    kakaoId: user.kakaoId,
    nickname: user.nickname,
    picture: user.picture,
    email: user.email,
    emailVerified: user.emailVerified,
    createdAt: isoDate(user.createdAt),
  },
  session: {
    id: session.id,
    createdAt: isoDate(session.createdAt),
    expiresAt: isoDate(session.expiresAt),
  },
});

export const isoDate = (milliseconds: number): string => new Date(milliseconds).toISOString();
