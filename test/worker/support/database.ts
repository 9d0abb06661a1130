import { createHash } from "node:crypto";

/** Every row of every table, as one text: for what must not be at rest. */
export const dumpDatabase = async (db: D1Database): Promise<string> => {
  const { results: tables } = await db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 4) NOT IN ('_cf_', 'sqli')")
    .all<{ name: string }>();
  const rows = await Promise.all(tables.map(({ name }) => db.prepare(`SELECT * FROM "${name}"`).all()));
  return JSON.stringify(rows.map(({ results }) => results));
};

export const countRows = async (db: D1Database, table: string): Promise<number> =>
  (await db.prepare(`SELECT count(*) AS n FROM ${table}`).first<{ n: number }>())?.n ?? Number.NaN;

/** The form in which a session token may rest. */
export const hashAtRest = (token: string): string => createHash("sha256").update(token).digest("base64url");

type SessionRow = {
  active_expires: number;
  idle_expires: number;
  absolute_expires: number;
  created_at: number;
  last_seen_at: number;
};

export const readSession = (db: D1Database, token: string): Promise<SessionRow | null> =>
  db.prepare("SELECT * FROM user_session WHERE id = ?").bind(hashAtRest(token)).first<SessionRow>();

/** Moves a session in time: the columns that are named get these values, in milliseconds since 1970. */
export const changeSession = async (db: D1Database, token: string, columns: Partial<SessionRow>): Promise<void> => {
  const names = Object.keys(columns).map((name) => `${name} = ?`);
  await db
    .prepare(`UPDATE user_session SET ${names.join(", ")} WHERE id = ?`)
    .bind(...Object.values(columns), hashAtRest(token))
    .run();
};

/** An outage of D1, as the Worker sees it: while `work` runs, every statement on this table fails. */
export const withoutTable = async <T>(db: D1Database, table: string, work: () => Promise<T>): Promise<T> => {
  await db.prepare(`ALTER TABLE ${table} RENAME TO ${table}_away`).run();
  try {
    return await work();
  } finally {
    await db.prepare(`ALTER TABLE ${table}_away RENAME TO ${table}`).run();
  }
};

/** A database over its daily limit of writes: reading goes on, every write to this table fails. */
export const withoutWrites = async <T>(db: D1Database, table: string, work: () => Promise<T>): Promise<T> => {
  const events = ["INSERT", "UPDATE", "DELETE"];
  const refusal = "BEGIN SELECT RAISE(ABORT, 'writes are refused'); END";
  await db.batch(
    events.map((event) => db.prepare(`CREATE TRIGGER refuse_${event} BEFORE ${event} ON ${table} ${refusal}`)),
  );
  try {
    return await work();
  } finally {
    await db.batch(events.map((event) => db.prepare(`DROP TRIGGER refuse_${event}`)));
  }
};
