import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { PEER_PACKAGES } from "./versions.ts";

const run = promisify(execFile);

/** Git ignores it. */
const FOLDER = join(import.meta.dirname, "../../../.wrangler/peers");

const MANIFEST = `${JSON.stringify({ private: true, type: "module", dependencies: PEER_PACKAGES }, null, 2)}\n`;

/** Says that the packages of this manifest are all there. */
const MARK = join(FOLDER, "installed.json");

/**
 * Installs the peers in a folder of their own, unless they lie there already. No script of theirs runs.
 *
 * @returns their `node_modules`
 * @throws Error with npm's own message when they cannot be had
 */
export const installPeers = async (): Promise<string> => {
  const modules = join(FOLDER, "node_modules");
  if ((await readFile(MARK, "utf8").catch(() => null)) === MANIFEST) return modules;
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, "package.json"), MANIFEST);
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
  await run("npm", ["install", ...options], { cwd: FOLDER });
  await writeFile(MARK, MANIFEST);
  return modules;
};
