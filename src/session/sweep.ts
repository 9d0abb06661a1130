/** Rows a statement: D1 answers nobody else while one statement runs. */
const CHUNK = 500;

/** Rounds a run; what is left waits for the next run a quarter of an hour later. */
const MAXIMUM_ROUNDS = 40;

/** An isolate that read no revocations for longer than this starts over with the last minutes (`feed-reads.ts`). */
const REVOCATION_MILLISECONDS = 60 * 60 * 1000;

/** `keep`: how long after its time a row stays, in milliseconds. */
const DEAD_ROWS = [
  { table: "user_session", key: "id", dead: "idle_expires < ?1", keep: 0 },
  { table: "login_attempt", key: "id", dead: "expires_at < ?1", keep: 0 },
  { table: "handoff_code", key: "id", dead: "expires_at < ?1", keep: 0 },
  { table: "signing_key", key: "id", dead: "expires_at < ?1", keep: 0 },
  {
    table: "revocation",
    key: "seq",
    // The newest one stays: its number tells a check what is already known.
    dead: "created_at < ?1 AND seq < (SELECT max(seq) FROM revocation)",
    keep: REVOCATION_MILLISECONDS,
  },
] as const;

/**
 * Deletes what ended before `now`, in chunks: one round trip for all tables, more while any is full. Returns how many
 * rows went, for the log.
 */
export const sweep = async (db: D1Database, now: number): Promise<Record<string, number>> => {
  const swept: Record<string, number> = {};
  const statements = DEAD_ROWS.map(({ table, key, dead, keep }) =>
    db
      .prepare(
        `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${dead} LIMIT ?2) RETURNING ${key}`,
      )
      .bind(now - keep, CHUNK),
  );
  for (let round = 0; round < MAXIMUM_ROUNDS; round += 1) {
    const results = await db.batch(statements);
    for (const [index, { table }] of DEAD_ROWS.entries()) {
      swept[table] = (swept[table] ?? 0) + (results[index]?.results.length ?? 0);
    }
    if (results.every(({ results: rows }) => rows.length < CHUNK)) break;
  }
  return swept;
};
