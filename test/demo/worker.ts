import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from "miniflare";
import { unstable_readConfig as readConfig } from "wrangler";
import { bundleWorker } from "./bundle.ts";
import { applyMigrations } from "./migrations.ts";

export type LocalWorker = {
  /** Bundles the Worker again and puts it in the running one's place; the database stays. */
  rebuild(): Promise<void>;
  close(): Promise<void>;
};

export type LocalWorkerOptions = {
  projectFolder: string;
  /** Holds the bundle and the database; deleting it starts over. */
  stateFolder: string;
  port: number;
  /** Variables and secrets, as the Worker finds them in `env`. */
  vars: Record<string, string>;
  /** Called with each line that the Worker logs. */
  log: (line: string) => void;
};

/**
 * Runs the built Worker in workerd on `http://localhost:port`, with a D1 that outlives the process and has every
 * migration applied. Compatibility settings and bindings come from wrangler.toml.
 */
export async function startWorker(options: LocalWorkerOptions): Promise<LocalWorker> {
  const bundleFolder = join(options.stateFolder, "bundle");
  await bundleWorker(options.projectFolder, bundleFolder);
  const runtime = new Miniflare(convertV4MiniflareOptions(runtimeOptions(options, bundleFolder)));
  try {
    await runtime.ready;
    await applyMigrations(await runtime.getD1Database("DB"), join(options.projectFolder, "migrations"));
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
  return {
    async rebuild() {
      await bundleWorker(options.projectFolder, bundleFolder);
      await runtime.setOptions(convertV4MiniflareOptions(runtimeOptions(options, bundleFolder)));
      await applyMigrations(await runtime.getD1Database("DB"), join(options.projectFolder, "migrations"));
    },
    close: () => runtime.dispose(),
  };
}

/** The part of wrangler.toml that the runtime is told. */
type WranglerConfig = {
  name?: string;
  compatibility_date: string;
  compatibility_flags: string[];
  d1_databases: { binding: string }[];
  ratelimits: { name: string; namespace_id: string; simple: { limit: number; period: 10 | 60 } }[];
};

function runtimeOptions(options: LocalWorkerOptions, bundleFolder: string): V4MiniflareOptions {
  const config: WranglerConfig = readConfig(
    { config: join(options.projectFolder, "wrangler.toml") },
    { hideWarnings: true },
  );
  return {
    host: "127.0.0.1",
    port: options.port,
    // Asking Cloudflare for the visitor's country and the like would be the only call that leaves this computer.
    cf: false,
    resourcePersistencePath: join(options.stateFolder, "state"),
    handleStructuredLogs: (entry) => options.log(entry.message),
    workers: [
      {
        name: config.name ?? "worker",
        modules: [{ type: "ESModule", path: join(bundleFolder, "index.js") }],
        modulesRoot: bundleFolder,
        compatibilityDate: config.compatibility_date,
        compatibilityFlags: config.compatibility_flags,
        bindings: options.vars,
        d1Databases: Object.fromEntries(config.d1_databases.map(({ binding }) => [binding, binding])),
        ratelimits: Object.fromEntries(config.ratelimits.map(({ name, ...limit }) => [name, limit])),
      },
    ],
  };
}
