import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { bundleWorker } from "../demo/bundle.ts";

const PROJECT_FOLDER = join(import.meta.dirname, "../..");

/** Workers that the one under test is held against. */
const RIVALS = ["empty", "hono", "hmac", "database", "lucia"] as const;

/** Where the script of each Worker lies. `auth`: the built Worker; `watched`: the same on a watched D1. */
export type Bundles = Record<(typeof RIVALS)[number] | "auth" | "watched", string>;

/** Builds the Worker as a deployment would, and the others with the same minification. */
export const buildBundles = async (outputFolder: string): Promise<Bundles> => {
  await bundleWorker(PROJECT_FOLDER, join(outputFolder, "auth"));
  const auth = join(outputFolder, "auth/index.js");
  await build({
    entryPoints: [...RIVALS, "watched"].map((name) => join(import.meta.dirname, `entries/${name}.ts`)),
    outdir: outputFolder,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    alias: { "worker-under-test": auth },
    logLevel: "warning",
  });
  const rivals = Object.fromEntries([...RIVALS, "watched"].map((name) => [name, join(outputFolder, `${name}.js`)]));
  return { ...rivals, auth } as Bundles;
};

/** Bytes of a script, plain and as a deployment counts them. */
export const sizeOf = async (path: string): Promise<{ raw: number; gzip: number }> => {
  const script = await readFile(path);
  return { raw: script.byteLength, gzip: gzipSync(script).byteLength };
};
