import type { Adapter, InitializeAdapter, KeySchema, SessionSchema, UserSchema } from "lucia";
import { hashingAdapter } from "../check/adapter.ts";

/** What Lucia wrote during one login, kept back until all of it goes to D1 in one transaction. */
export type SignInRows = { user: UserSchema; key: KeySchema; session: SessionSchema };

/**
 * Lucia's adapter for one login. `createUser` and `createSession` reach it as two writes and one read; here they
 * become rows to be written at once, and the read finds the user that is about to exist.
 */
export const createSignInAdapter = (
  db: D1Database,
): { adapter: InitializeAdapter<Adapter>; takeRows: () => SignInRows } => {
  const rows: Partial<SignInRows> = {};
  const adapter: InitializeAdapter<Adapter> = (LuciaErrorClass) => {
    const base = hashingAdapter(db)(LuciaErrorClass);
    return {
      ...base,
      getUser: async (userId) => (rows.user?.id === userId ? rows.user : base.getUser(userId)),
      setUser: async (user, key) => {
        rows.user = user;
        if (key) rows.key = key;
      },
      setSession: async (session) => {
        rows.session = session;
      },
    };
  };
  const takeRows = (): SignInRows => {
    const { user, key, session } = rows;
    if (!user || !key || !session) throw new Error("a login wrote no user, key or session");
    return { user, key, session };
  };
  return { adapter, takeRows };
};
