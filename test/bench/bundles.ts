import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";
import { bundleWorker } from "../demo/bundle.ts";

const PROJECT_FOLDER = join(import.meta.dirname, "../..");

/** Workers that the one under test is held against. */
const RIVALS = ["empty", "hono", "hmac", "database", "lucia"] as const;

/** Where the script of each Worker lies. `auth`: the built Worker; `watched`: the same on a watched D1. */
export type Bundles = Record<(typeof RIVALS)[number] | "auth" | "watched", string>;

/** What all bundles have in common: the minification of a deployment. */
const OPTIONS = {
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2024",
  conditions: ["workerd", "worker", "browser"],
  external: ["cloudflare:*", "node:*"],
  logLevel: "warning",
} as const satisfies BuildOptions;

/** Builds the Worker as a deployment would, and the others with the same minification. */
export const buildBundles = async (outputFolder: string): Promise<Bundles> => {
  await bundleWorker(PROJECT_FOLDER, join(outputFolder, "auth"));
  const auth = join(outputFolder, "auth/index.js");
  const entryPoints = RIVALS.map((name) => join(import.meta.dirname, `entries/${name}.ts`));
  await build({ ...OPTIONS, entryPoints, outdir: outputFolder });
  const watched = await watch(auth, join(outputFolder, "watched.js"));
  const rivals = Object.fromEntries(RIVALS.map((name) => [name, join(outputFolder, `${name}.js`)]));
  return { ...rivals, auth, watched } as Bundles;
};

/**
 * Builds a peer's Worker, by itself and on a watched D1.
 *
 * @param entry its source
 * @param modules the folder of its packages, where they are not the project's
 */
export const buildPeer = async (
  entry: string,
  modules: string,
  outputFolder: string,
): Promise<{ plain: string; watched: string }> => {
  const plain = join(outputFolder, "plain.js");
  await build({ ...OPTIONS, entryPoints: [entry], outfile: plain, nodePaths: [modules] });
  return { plain, watched: await watch(plain, join(outputFolder, "watched.js")) };
};

/** A built Worker, on a D1 that counts and that may be away. */
const watch = async (script: string, outfile: string): Promise<string> => {
  const entryPoints = [join(import.meta.dirname, "entries/watched.ts")];
  await build({ ...OPTIONS, entryPoints, outfile, alias: { "worker-under-test": script } });
  return outfile;
};

/** Bytes of a script, plain and as a deployment counts them. */
export const sizeOf = async (path: string): Promise<{ raw: number; gzip: number }> => {
  const script = await readFile(path);
  return { raw: script.byteLength, gzip: gzipSync(script).byteLength };
};
