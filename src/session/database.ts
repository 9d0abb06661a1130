import type { Config } from "../config.ts";

/** What sessions need of D1. `bookmark`: the one that came with the last answer; only where read replicas are used. */
export type Database = Pick<D1Database, "prepare" | "batch"> & { readonly bookmark?: () => string | null };

/**
 * D1 as a request writes to it and asks it for revocations: always the primary. Where replicas are read, each answer
 * also leaves a bookmark, which ties a later read at a replica to what was seen here.
 *
 * Each batch is a D1 session of its own: in one that goes on, `first-primary` is true of the first batch alone, and a
 * second one that only reads may be served by a replica.
 *
 * @see https://developers.cloudflare.com/d1/worker-api/d1-database/#withsession
 */
export const openPrimary = (db: D1Database, { readReplicas }: Pick<Config, "readReplicas">): Database => {
  if (!readReplicas) return db;
  let bookmark: string | null = null;
  return {
    prepare: (query) => db.prepare(query),
    batch: async <T>(statements: D1PreparedStatement[]) => {
      const session = db.withSession("first-primary");
      const results = await session.batch<T>(statements);
      bookmark = session.getBookmark();
      return results;
    },
    bookmark: () => bookmark,
  };
};

/** The bookmark that came with the database's last answer; `null` without one, and where no replicas are read. */
export const bookmarkOf = (db: Database): string | null => db.bookmark?.() ?? null;
