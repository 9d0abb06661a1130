/** Rows a statement: D1 answers nobody else while one statement runs. */
const CHUNK = 500;

/** Chunks a run and table; what is left waits for the next run a quarter of an hour later. */
const MAXIMUM_CHUNKS = 40;

const DEAD_ROWS = [
  { table: "user_session", column: "idle_expires" },
  { table: "login_attempt", column: "expires_at" },
  { table: "handoff_code", column: "expires_at" },
] as const;

/** Deletes sessions, attempts and codes that ended before `now`, in chunks. Returns how many rows went, for the log. */
export const sweep = async (db: D1Database, now: number): Promise<Record<string, number>> => {
  const swept: Record<string, number> = {};
  for (const { table, column } of DEAD_ROWS) {
    const statement = db
      .prepare(`DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE ${column} < ?1 LIMIT ?2) RETURNING id`)
      .bind(now, CHUNK);
    let deleted = 0;
    for (let chunk = 0; chunk < MAXIMUM_CHUNKS; chunk += 1) {
      const { results } = await statement.all();
      deleted += results.length;
      if (results.length < CHUNK) break;
    }
    swept[table] = deleted;
  }
  return swept;
};
