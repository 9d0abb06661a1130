import { rm } from "node:fs/promises";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_readConfig as readConfig } from "wrangler";
import { applyMigrations } from "../demo/migrations.ts";
import { makeDatabaseFolder } from "./database-folder.ts";
import type { Distance } from "./distance.ts";
import { findWorkerd } from "./processor-time.ts";
import { storeSessions } from "./sessions.ts";
import { VARIABLES } from "./variables.ts";

const PROJECT_FOLDER = join(import.meta.dirname, "../..");

/** Compatibility settings of the deployment, for every Worker that is measured. */
export const compatibility = (): { compatibilityDate: string; compatibilityFlags: string[] } => {
  const config: { compatibility_date?: string; compatibility_flags: string[] } = readConfig(
    { config: join(PROJECT_FOLDER, "wrangler.toml") },
    { hideWarnings: true },
  );
  return { compatibilityDate: config.compatibility_date ?? "", compatibilityFlags: config.compatibility_flags };
};

/** One isolate: a script on a database of so many sessions. */
export type BenchWorker = {
  name: string;
  script: string;
  /** Sessions in its D1; workers that name the same number share one database. */
  sessions: number;
  /** A Worker of another make has a database of its own, with these tables, and its own compatibility flags. */
  foreign?: { tables: readonly string[]; flags: readonly string[] };
  /** How far D1 and all that it asks for outside are away. */
  distance?: Distance;
};

export type Runtime = {
  /** The port of a Worker's own socket: no proxy of the development server is between. */
  portOf(name: string): Promise<number>;
  /** The process of workerd, where the system tells. */
  processId: number | null;
  stop(): Promise<void>;
};

const WAY_OUT = "way-out";

/** Leads what Workers ask for outside to the distance: Miniflare's own way out costs more than a millisecond. */
const wayOut = (distance: Distance) => ({
  name: WAY_OUT,
  modules: [
    {
      type: "ESModule" as const,
      path: "way-out.js",
      contents: "export default { fetch: (request, env) => env.DISTANCE.fetch(request) };",
    },
  ],
  ...compatibility(),
  serviceBindings: { DISTANCE: { external: { address: distance.address, http: {} } } },
});

/** Starts one workerd with these Workers, on databases with the schema of the migrations and their sessions stored. */
export const startRuntime = async (workers: readonly BenchWorker[]): Promise<Runtime> => {
  const folder = await makeDatabaseFolder();
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      cf: false,
      handleStructuredLogs: ({ level, message }) => {
        if (level === "error") console.error(message);
      },
      workers: [
        ...workers.map(({ name, script, sessions, distance, foreign }) => ({
          name,
          modules: [{ type: "ESModule" as const, path: script }],
          modulesRoot: join(script, ".."),
          ...compatibility(),
          ...(foreign && { compatibilityFlags: [...foreign.flags] }),
          bindings: VARIABLES,
          d1Databases: { DB: foreign ? name : `sessions-${sessions}` },
          unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
          ...(distance && {
            serviceBindings: { DISTANCE: { external: { address: distance.address, http: {} } } },
            outboundService: { name: WAY_OUT },
          }),
        })),
        ...workers.flatMap(({ distance }) => (distance ? [wayOut(distance)] : [])).slice(0, 1),
      ],
    }),
    resourcePersistencePath: folder,
  });
  const stop = async (): Promise<void> => {
    await miniflare.dispose();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await miniflare.ready;
    const stored = new Set<number>();
    for (const { name, sessions, foreign } of workers) {
      if (foreign) {
        const db = await miniflare.getD1Database("DB", name);
        await db.batch(foreign.tables.map((statement) => db.prepare(statement)));
      }
      if (foreign || stored.has(sessions)) continue;
      stored.add(sessions);
      const db = await miniflare.getD1Database("DB", name);
      await applyMigrations(db, join(PROJECT_FOLDER, "migrations"));
      await storeSessions(db, sessions);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    portOf: async (name) => Number((await miniflare.unsafeGetDirectURL(name)).port),
    processId: await findWorkerd(),
    stop,
  };
};
