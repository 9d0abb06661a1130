import { LuciaError, type Session, type SessionSchema, type UserSchema } from "lucia";
import { isSessionToken } from "../credential.ts";
import type { Database } from "../database.ts";
import { createAuth, type SessionPolicy } from "../lucia.ts";
import type { SignedIn } from "../signed-in.ts";
import { type AlsoWrite, createCheckingAdapter, hashingAdapter } from "./adapter.ts";
import type { Feed } from "./feed.ts";
import { PROOF_MILLISECONDS, type Statement } from "./proof.ts";

/** An outage is a result of its own: it must never be mistaken for "signed out". */
export type CheckResult =
  | { kind: "signed_in"; signedIn: SignedIn; renewed: boolean; statement: Statement }
  | { kind: "signed_out" }
  | { kind: "unavailable"; cause: unknown };

/**
 * Checks a session token against D1: one round trip, in which an idle session is renewed as well.
 *
 * @param options.renew `false` for a request that must have no effect, or whose answer cannot carry a cookie
 * @param options.also writes that need a live session, in the same trip
 * @param options.feed is brought up to date in the same trip
 * @param options.within milliseconds until it is too late
 */
export const checkSession = async (
  db: Database,
  policy: SessionPolicy,
  token: string | null,
  { renew = true, ...options }: { renew?: boolean; also?: AlsoWrite; feed?: Feed | null; within?: number } = {},
): Promise<CheckResult> => {
  if (token === null || !isSessionToken(token)) return { kind: "signed_out" };
  const { adapter, reading } = createCheckingAdapter(db, policy, { renew, ...options });
  const auth = createAuth(adapter, policy);
  try {
    const session = renew ? await auth.validateSession(token) : await auth.getSession(token);
    const { sessionHash, seq, issuedAt, isReadOnly, idleExpires } = reading;
    const signedIn = describe(session, isReadOnly ? idleExpires : session.idlePeriodExpiresAt.getTime());
    const renewAt = session.activePeriodExpiresAt.getTime();
    const statement = stateOf(signedIn, { sessionHash, seq, issuedAt, renewAt });
    if (statement === null) return { kind: "signed_out" };
    return { kind: "signed_in", signedIn, renewed: session.fresh && !isReadOnly, statement };
  } catch (cause) {
    if (cause instanceof LuciaError && cause.message === "AUTH_INVALID_SESSION_ID") return { kind: "signed_out" };
    return { kind: "unavailable", cause };
  }
};

/** What a check states, for as long as it may be repeated; `null` when the session has ended. */
export const stateOf = (
  signedIn: SignedIn,
  reading: Pick<Statement, "sessionHash" | "seq" | "issuedAt" | "renewAt">,
): Statement | null => {
  const { issuedAt } = reading;
  const { expiresAt } = signedIn.session;
  // Lucia knows no absolute end; an operator may have moved it behind what the row's other columns say.
  if (expiresAt <= issuedAt) return null;
  return { signedIn, ...reading, usableUntil: Math.min(issuedAt + PROOF_MILLISECONDS, expiresAt) };
};

/** What Lucia makes of a session and its user that were read already, in whatever batch. */
export const describeRows = async (
  db: Database,
  policy: SessionPolicy,
  rows: { session: SessionSchema; user: UserSchema },
): Promise<SignedIn> => {
  const auth = createAuth(
    (LuciaErrorClass) => ({
      ...hashingAdapter(db)(LuciaErrorClass),
      getSessionAndUser: async () => [rows.session, rows.user],
    }),
    policy,
  );
  const session = await auth.getSession(rows.session.id);
  return describe(session, session.idlePeriodExpiresAt.getTime());
};

const describe = (session: Session, endsAt: number): SignedIn => {
  const { userId, ...attributes } = session.user;
  return {
    user: { id: userId, ...attributes },
    session: {
      id: session.loginId,
      createdAt: session.createdAt,
      expiresAt: Math.min(endsAt, session.absoluteExpires),
    },
  };
};
