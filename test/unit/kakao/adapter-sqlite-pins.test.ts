import { d1 } from "@lucia-auth/adapter-sqlite";
import { lucia } from "lucia";
import { expect, test } from "vitest";
import { SESSION_ATTRIBUTES, USER_ATTRIBUTES } from "./in-memory-adapter.ts";

// What @lucia-auth/adapter-sqlite 2.0.1 does on D1 and we work around. A round trip is one `first`, `all`, `run` or
// `batch`.

type RoundTrip = { kind: "first" | "all" | "run" | "batch"; sql: string[]; values: unknown[] };

const recordingDatabase = (rows: readonly Record<string, unknown>[], failure: Error | null = null) => {
  const trips: RoundTrip[] = [];
  const answer = (kind: RoundTrip["kind"], statements: Statement[]) => {
    trips.push({ kind, sql: statements.map(({ sql }) => sql), values: statements.flatMap(({ values }) => values) });
    return failure ? Promise.reject(failure) : Promise.resolve({ results: rows });
  };
  class Statement {
    readonly sql: string;
    readonly values: unknown[];
    constructor(sql: string, values: unknown[] = []) {
      this.sql = sql;
      this.values = values;
    }
    bind = (...values: unknown[]) => new Statement(this.sql, values);
    first = async () => (await answer("first", [this])).results[0] ?? null;
    all = () => answer("all", [this]);
    run = () => answer("run", [this]);
  }
  const db = {
    prepare: (sql: string) => new Statement(sql),
    batch: async (statements: Statement[]) => {
      const result = await answer("batch", statements);
      return statements.map(() => result);
    },
  };
  const tables = { user: "user", session: "user_session", key: "user_key" };
  return { trips, auth: lucia({ adapter: d1(db as never, tables), env: "PROD" }) };
};

test("finding the user of a key costs two round trips: the key, then the user", async () => {
  const { auth, trips } = recordingDatabase([{ id: "kakao:1", user_id: "u", hashed_password: null }]);
  const key = await auth.useKey("kakao", "1", null);
  await auth.getUser(key.userId);
  expect(trips.map(({ kind }) => kind)).toEqual(["first", "first"]);
});

test("a session is read with its user in one round trip, by its id in clear (CWE-256)", async () => {
  const far = Date.now() + 1e9;
  const { auth, trips } = recordingDatabase([{ id: "s", user_id: "u", active_expires: far, idle_expires: far }]);
  await auth.validateSession("the-token");
  expect(trips).toMatchObject([{ kind: "batch", values: ["the-token", "the-token"] }]);
});

test("renewing an idle session is a second round trip", async () => {
  const idle = { id: "s", user_id: "u", active_expires: 0, idle_expires: Date.now() + 1e9 };
  const { auth, trips } = recordingDatabase([idle]);
  await auth.validateSession("the-token");
  expect(trips.map(({ kind }) => kind)).toEqual(["batch", "run"]);
});

test("createSession() reads the user again, beside its insert", async () => {
  const { auth, trips } = recordingDatabase([{ id: "u" }]);
  await auth.createSession({ userId: "u", attributes: SESSION_ATTRIBUTES });
  expect(trips.map(({ kind }) => kind).sort()).toEqual(["first", "run"]);
});

test.each([
  ["with the cause that D1 gives", new Error("UNIQUE constraint failed: user_key.id: SQLITE_CONSTRAINT"), true],
  ["without a cause", undefined, false],
])("a duplicate key is recognized only by error.cause: %s", async (_, cause, recognized) => {
  const failure = new Error("D1_ERROR: UNIQUE constraint failed: user_key.id: SQLITE_CONSTRAINT", { cause });
  const { auth } = recordingDatabase([], failure);
  const key = { providerId: "kakao", providerUserId: "1", password: null };
  await expect(auth.createUser({ key, attributes: USER_ATTRIBUTES })).rejects.toThrow(
    recognized ? "AUTH_DUPLICATE_KEY_ID" : "D1_ERROR",
  );
});

test("a duplicate session id is no error of Lucia's: what D1 said comes through", async () => {
  const failure = new Error("D1_ERROR: UNIQUE constraint failed: user_session.id");
  const { auth } = recordingDatabase([], failure);
  await expect(auth.createSession({ userId: "u", attributes: SESSION_ATTRIBUTES })).rejects.toThrow("D1_ERROR");
});
