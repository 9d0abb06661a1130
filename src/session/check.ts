import { LuciaError } from "lucia";
import { checkingAdapter, hashingAdapter } from "./adapter.ts";
import { createAuth, type SessionPolicy } from "./lucia.ts";

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

/** An outage is a result of its own: it must never be mistaken for "signed out". */
export type CheckResult =
  | { kind: "signed_in"; signedIn: SignedIn; renewed: boolean }
  | { kind: "signed_out" }
  | { kind: "unavailable"; cause: unknown };

/** Session tokens are 32 bytes of base64url; anything else cannot be one and costs no round trip. */
const TOKEN = /^[\w-]{43}$/;

/**
 * Checks a session token against D1: one round trip, in which an idle session is renewed as well.
 *
 * @param options.renew `false` for a request that must have no effect
 * @param options.also writes that need a live session, in the same trip
 */
export const checkSession = async (
  db: D1Database,
  policy: SessionPolicy,
  token: string | null,
  { renew = true, also }: { renew?: boolean; also?: (sessionHash: string) => readonly D1PreparedStatement[] } = {},
): Promise<CheckResult> => {
  if (token === null || !TOKEN.test(token)) return { kind: "signed_out" };
  const auth = createAuth(renew ? checkingAdapter(db, policy, also) : hashingAdapter(db), policy);
  try {
    const session = renew ? await auth.validateSession(token) : await auth.getSession(token);
    const { userId, ...attributes } = session.user;
    return {
      kind: "signed_in",
      signedIn: {
        user: { id: userId, ...attributes },
        session: {
          id: session.loginId,
          createdAt: session.createdAt,
          expiresAt: Math.min(session.idlePeriodExpiresAt.getTime(), session.absoluteExpires),
        },
      },
      renewed: session.fresh,
    };
  } catch (cause) {
    if (cause instanceof LuciaError && cause.message === "AUTH_INVALID_SESSION_ID") return { kind: "signed_out" };
    return { kind: "unavailable", cause };
  }
};
