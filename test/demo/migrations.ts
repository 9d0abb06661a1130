import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { unstable_splitSqlQuery as splitSql } from "wrangler";
import { StartFailure } from "./failure.ts";

/**
 * Applies the files of `folder` that this database has not seen, in the order of their names, each in one transaction.
 * Keeps the same `d1_migrations` table as `wrangler d1 migrations apply`, so either may go on where the other stopped.
 *
 * @returns the names of the files applied now
 * @throws StartFailure naming the file that failed
 */
export async function applyMigrations(database: D1Database, folder: string): Promise<string[]> {
  await database.exec(
    "CREATE TABLE IF NOT EXISTS d1_migrations(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL);",
  );
  const { results } = await database.prepare("SELECT name FROM d1_migrations").all<{ name: string }>();
  const seen = new Set(results.map((row) => row.name));
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  const fresh = files.filter((name) => !seen.has(name));
  for (const name of fresh) {
    const statements = splitSql(await readFile(join(folder, name), "utf8"));
    const record = database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name);
    try {
      await database.batch([...statements.map((sql) => database.prepare(sql)), record]);
    } catch (cause) {
      throw new StartFailure(
        `The migration ${name} failed: ${String(cause)}\nIf the file was edited after it had run here, delete .wrangler/demo and start again.`,
      );
    }
  }
  return fresh;
}
