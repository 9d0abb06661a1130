/** Who a valid session belongs to. Times in milliseconds since 1970. */
export type SignedIn = {
  user: {
    id: string;
    kakaoId: string | null;
    nickname: string | null;
    picture: string | null;
    email: string | null;
    emailVerified: boolean;
    createdAt: number;
  };
  session: {
    /** Names the login: public, useless as a credential, the same for all sessions of one login. */
    id: string;
    createdAt: number;
    /** When the session ends if it is never used again. */
    expiresAt: number;
  };
};

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
