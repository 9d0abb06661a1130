import type { Adapter, InitializeAdapter, KeySchema, SessionSchema, UserSchema } from "lucia";

/** The rows of an in-memory database, open to the tests. */
export type Tables = {
  readonly users: Map<string, UserSchema>;
  readonly keys: Map<string, KeySchema>;
  readonly sessions: Map<string, SessionSchema>;
};

/** An adapter for Lucia that keeps rows in maps and refuses what SQL's unique and foreign keys would refuse. */
export const inMemoryAdapter = (): { adapter: InitializeAdapter<Adapter>; tables: Tables } => {
  const users = new Map<string, UserSchema>();
  const keys = new Map<string, KeySchema>();
  const sessions = new Map<string, SessionSchema>();

  const adapter: InitializeAdapter<Adapter> = (LuciaError) => {
    const insertKey = (key: KeySchema): void => {
      if (!users.has(key.user_id)) throw new LuciaError("AUTH_INVALID_USER_ID");
      if (keys.has(key.id)) throw new LuciaError("AUTH_DUPLICATE_KEY_ID");
      keys.set(key.id, { ...key });
    };
    return {
      getUser: async (userId) => copy(users.get(userId)),
      setUser: async (user, key) => {
        if (key && keys.has(key.id)) throw new LuciaError("AUTH_DUPLICATE_KEY_ID");
        users.set(user.id, { ...user });
        if (key) insertKey(key);
      },
      updateUser: async (userId, columns) => update(users, userId, columns),
      deleteUser: async (userId) => void users.delete(userId),
      getKey: async (keyId) => copy(keys.get(keyId)),
      getKeysByUserId: async (userId) => ofUser(keys, userId),
      setKey: async (key) => insertKey(key),
      updateKey: async (keyId, columns) => update(keys, keyId, columns),
      deleteKey: async (keyId) => void keys.delete(keyId),
      deleteKeysByUserId: async (userId) => {
        for (const { id } of ofUser(keys, userId)) keys.delete(id);
      },
      getSession: async (sessionId) => copy(sessions.get(sessionId)),
      getSessionsByUserId: async (userId) => ofUser(sessions, userId),
      setSession: async (session) => {
        if (!users.has(session.user_id)) throw new LuciaError("AUTH_INVALID_USER_ID");
        sessions.set(session.id, { ...session });
      },
      updateSession: async (sessionId, columns) => update(sessions, sessionId, columns),
      deleteSession: async (sessionId) => void sessions.delete(sessionId),
      deleteSessionsByUserId: async (userId) => {
        for (const { id } of ofUser(sessions, userId)) sessions.delete(id);
      },
    };
  };
  return { adapter, tables: { users, keys, sessions } };
};

/** Columns of a user and of a session of whom nothing more is known. */
export const USER_ATTRIBUTES: Lucia.DatabaseUserAttributes = {
  kakao_id: null,
  nickname: null,
  picture: null,
  email: null,
  email_verified: 0,
  created_at: 0,
};
export const SESSION_ATTRIBUTES: Lucia.DatabaseSessionAttributes = {
  login_id: "login",
  created_at: 0,
  absolute_expires: Number.MAX_SAFE_INTEGER,
  last_seen_at: 0,
  user_agent: null,
  country: null,
};

const copy = <Row extends object>(row: Row | undefined): Row | null => (row ? { ...row } : null);

const ofUser = <Row extends { user_id: string }>(rows: Map<string, Row>, userId: string): Row[] =>
  [...rows.values()].filter((row) => row.user_id === userId).map((row) => ({ ...row }));

const update = <Row extends object>(rows: Map<string, Row>, id: string, columns: Partial<Row>): void => {
  const row = rows.get(id);
  if (row) rows.set(id, { ...row, ...columns });
};
