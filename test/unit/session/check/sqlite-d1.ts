import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";

/** The part of D1 that sessions use, on SQLite in memory with the Worker's own migrations. */
export type SqliteD1 = {
  d1: D1Database;
  sql: DatabaseSync;
  /** How often D1 was asked. */
  trips: number;
  /** Runs before each trip is answered: a test's own failure or delay. */
  before: () => Promise<void>;
  /** Runs when a trip's answer is on its way back. */
  after: () => Promise<void>;
};

type Statement = { bind(...values: SQLInputValue[]): Statement; all(): Promise<object>; execute(): object };

export const createSqliteD1 = (): SqliteD1 => {
  const sql = new DatabaseSync(":memory:");
  sql.exec("PRAGMA foreign_keys = ON");
  for (const file of readdirSync("migrations").sort()) sql.exec(readFileSync(join("migrations", file), "utf8"));

  const travel = async <T>(work: () => T): Promise<T> => {
    database.trips += 1;
    await database.before();
    const answer = work();
    await database.after();
    return answer;
  };
  const prepare = (text: string, values: SQLInputValue[] = []): Statement => {
    const execute = () => ({ results: sql.prepare(text).all(...values), success: true, meta: {} });
    return { bind: (...bound) => prepare(text, bound), all: () => travel(execute), execute };
  };
  const batch = (statements: Statement[]) =>
    travel(() => {
      sql.exec("BEGIN");
      const results = statements.map((statement) => statement.execute());
      sql.exec("COMMIT");
      return results;
    });
  const database: SqliteD1 = {
    d1: { prepare, batch } as unknown as D1Database,
    sql,
    trips: 0,
    before: async () => {},
    after: async () => {},
  };
  return database;
};
