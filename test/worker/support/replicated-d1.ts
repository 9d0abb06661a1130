/** A call that arrived at one of the databases: what the D1 session was tied to, `null` without a D1 session. */
export type D1Call = { at: "primary" | "replica"; tiedTo: string | null };

/** Counts the commits of the primary, and says how many of them the replica has. */
const POSITION = "SELECT n FROM test_commit";

/** Longer than any caller may wait, and not for ever: workerd ends a request at once that waits for nothing at all. */
const CATCH_UP_MILLISECONDS = 30_000;

type Databases = Record<D1Call["at"], D1Database>;

/** The bookmark of a position: as D1 writes them, so they sort as texts. */
export const bookmarkAt = (position: number): string =>
  `00000000-${position.toString(16).padStart(8, "0")}-00000000-${"0".repeat(32)}`;

class Statement {
  readonly query: string;
  readonly values: readonly unknown[];
  readonly #batch: (statements: Statement[]) => Promise<D1Result[]>;
  constructor(query: string, values: readonly unknown[], batch: (statements: Statement[]) => Promise<D1Result[]>) {
    this.query = query;
    this.values = values;
    this.#batch = batch;
  }
  bind(...values: unknown[]): Statement {
    return new Statement(this.query, values, this.#batch);
  }
  async all(): Promise<D1Result | undefined> {
    return (await this.#batch([this]))[0];
  }
  run(): Promise<D1Result | undefined> {
    return this.all();
  }
  async first(): Promise<unknown> {
    return (await this.all())?.results[0] ?? null;
  }
}

/**
 * One D1 made of two: a primary, and a replica that knows what it was last given (`copyToReplica`). Routes as
 * Cloudflare documents it. Without a D1 session everything goes to the primary. In one, writes do; so does the first
 * batch after `first-primary`. Any other read goes to the replica, and waits there until it has reached the session's
 * bookmark.
 *
 * @see https://developers.cloudflare.com/d1/best-practices/read-replication/
 */
export const replicatedD1 = (databases: Databases, calls: D1Call[]): D1Database => {
  const ask = async (at: D1Call["at"], statements: readonly Statement[]) => {
    const db = databases[at];
    const prepared = statements.map(({ query, values }) => db.prepare(query).bind(...values));
    const results = await db.batch<{ n: number }>([...prepared, db.prepare(POSITION)]);
    return { bookmark: bookmarkAt(results.pop()?.results[0]?.n ?? 0), results };
  };
  const batch = async (statements: Statement[]) => {
    calls.push({ at: "primary", tiedTo: null });
    return (await ask("primary", statements)).results;
  };
  const withSession = (constraint: string) => {
    let tiedTo = constraint;
    const isBookmark = () => !tiedTo.startsWith("first-");
    const inSession = async (statements: Statement[]) => {
      const writes = statements.some(({ query }) => !/^\s*SELECT\b/i.test(query));
      const at = writes || tiedTo === "first-primary" ? "primary" : "replica";
      calls.push({ at, tiedTo });
      if (at === "replica" && isBookmark()) await untilReached(databases.replica, tiedTo);
      const { bookmark, results } = await ask(at, statements);
      if (!isBookmark() || bookmark > tiedTo) tiedTo = bookmark;
      return results;
    };
    return {
      prepare: (query: string) => new Statement(query, [], inSession),
      batch: inSession,
      getBookmark: () => (isBookmark() ? tiedTo : null),
    };
  };
  const database = { prepare: (query: string) => new Statement(query, [], batch), batch, withSession };
  return database as unknown as D1Database;
};

const untilReached = async (replica: D1Database, bookmark: string): Promise<void> => {
  for (let waited = 0; waited < CATCH_UP_MILLISECONDS; waited += 50) {
    const row = await replica.prepare(POSITION).first<{ n: number }>();
    if (bookmarkAt(row?.n ?? 0) >= bookmark) return;
    await scheduler.wait(50);
  }
  throw new Error("D1_ERROR: the replica did not catch up, says the test");
};

const TABLES = [
  "user",
  "user_key",
  "user_session",
  "kakao_token",
  "login_attempt",
  "handoff_code",
  "revocation",
  "signing_key",
];

/** Makes two migrated databases a primary that counts its commits, whoever writes, and a replica that only copies. */
export const pairDatabases = async (primary: D1Database, replica: D1Database): Promise<void> => {
  const counter = "CREATE TABLE test_commit (n INTEGER NOT NULL)";
  const { results } = await replica.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all();
  await replica.batch([
    replica.prepare(counter),
    ...results.map(({ name }) => replica.prepare(`DROP TRIGGER ${name}`)),
  ]);
  await primary.batch([
    primary.prepare(counter),
    primary.prepare("INSERT INTO test_commit VALUES (1)"),
    ...TABLES.flatMap((table) =>
      ["INSERT", "UPDATE", "DELETE"].map((event) =>
        primary.prepare(
          `CREATE TRIGGER test_${table}_${event} AFTER ${event} ON ${table} BEGIN UPDATE test_commit SET n = n + 1; END`,
        ),
      ),
    ),
  ]);
  await copyToReplica(primary, replica);
};

/** Lets the replica catch up with all that the primary has committed. */
export const copyToReplica = async (primary: D1Database, replica: D1Database): Promise<void> => {
  const tables = [...TABLES, "test_commit"];
  const contents = await primary.batch<Record<string, unknown>>(
    tables.map((table) => primary.prepare(`SELECT * FROM ${table}`)),
  );
  const copies = tables.flatMap((table, index) => {
    const rows = contents[index]?.results ?? [];
    const names = Object.keys(rows[0] ?? {});
    if (names.length === 0) return [];
    const values = names.map((name) => `json_extract(value, '$.${name}')`);
    const insert = `INSERT INTO ${table} (${names.join(", ")}) SELECT ${values.join(", ")} FROM json_each(?)`;
    return [replica.prepare(insert).bind(JSON.stringify(rows))];
  });
  const emptied = tables.map((table) => replica.prepare(`DELETE FROM ${table}`));
  await replica.batch([replica.prepare("PRAGMA defer_foreign_keys = on"), ...emptied, ...copies]);
};

/** Makes the replica believe that it has caught up although it has not, until the next copy: it waits for nothing. */
export const letReplicaLie = async (replica: D1Database): Promise<void> => {
  await replica.prepare("UPDATE test_commit SET n = 0xffffffff").run();
};
