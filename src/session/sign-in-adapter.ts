import type { Adapter, InitializeAdapter, KeySchema, UserSchema } from "lucia";
import { sha256 } from "../lib/hash.ts";
import { hashingAdapter } from "./adapter.ts";

/** Lucia's adapter for one login: reads ahead what Lucia asks for next, and keeps writes back for one batch. */
export type SignInAdapter = {
  readonly adapter: InitializeAdapter<Adapter>;
  /** Writes everything kept back, and `also`, in one transaction. */
  commit(also: readonly D1PreparedStatement[]): Promise<void>;
  /** Drops what was read and kept back, for another try. */
  reset(): void;
};

/** Column names come from our own types alone, so that quoting them is all the care they need. */
const insert = (db: D1Database, table: string, row: object, onConflict = ""): D1PreparedStatement => {
  const columns = Object.keys(row).map((column) => `\`${column}\``);
  const places = columns.map(() => "?");
  return db
    .prepare(`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${places.join(", ")}) ${onConflict}`)
    .bind(...Object.values(row));
};

export const createSignInAdapter = (db: D1Database): SignInAdapter => {
  const users = new Map<string, UserSchema>();
  const writes: D1PreparedStatement[] = [];

  const adapter: InitializeAdapter<Adapter> = (LuciaErrorClass) => {
    const base = hashingAdapter(db)(LuciaErrorClass);
    return {
      ...base,
      /** Lucia reads the key, then the key's user: here both come in one trip. */
      getKey: async (keyId) => {
        const [keys, owners] = await db.batch<KeySchema & UserSchema>([
          db.prepare("SELECT * FROM user_key WHERE id = ?").bind(keyId),
          db
            .prepare("SELECT user.* FROM user_key JOIN user ON user.id = user_key.user_id WHERE user_key.id = ?")
            .bind(keyId),
        ]);
        const owner = owners?.results[0];
        if (owner) users.set(owner.id, owner);
        return keys?.results[0] ?? null;
      },
      getUser: async (userId) => users.get(userId) ?? base.getUser(userId),
      setUser: async (user, key) => {
        users.set(user.id, user);
        writes.push(insert(db, "user", user));
        if (key) writes.push(insert(db, "user_key", key));
      },
      updateUser: async (userId, columns) => {
        const user = users.get(userId);
        if (user) users.set(userId, { ...user, ...columns });
        const names = Object.keys(columns).map((column) => `\`${column}\` = ?`);
        const update = db.prepare(`UPDATE user SET ${names.join(", ")} WHERE id = ?`);
        writes.push(update.bind(...Object.values(columns), userId));
      },
      setSession: async (session) => {
        const row = {
          ...session,
          id: await sha256(session.id),
          active_expires: Math.min(session.active_expires, session.absolute_expires),
          idle_expires: Math.min(session.idle_expires, session.absolute_expires),
        };
        // A commit whose answer was lost is tried again: the same token means the same session.
        writes.push(insert(db, "user_session", row, "ON CONFLICT (id) DO NOTHING"));
      },
    };
  };

  return {
    adapter,
    commit: async (also) => {
      await db.batch([...writes, ...also]);
    },
    reset: () => {
      users.clear();
      writes.length = 0;
    },
  };
};

/** Whether a commit failed because another login of the same Kakao user made the user first. */
export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof Error && `${error.message} ${messageOf(error.cause)}`.includes("failed: user_key.id");

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : "");
