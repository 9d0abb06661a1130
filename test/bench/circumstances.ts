import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";

/** The versions of what was measured and of what it ran on. */
export const readVersions = (): Record<string, string> => ({
  Node: process.versions.node,
  workerd: versionOf("workerd"),
  ...Object.fromEntries(
    ["miniflare", "hono", "lucia", "@lucia-auth/adapter-sqlite"].map((name) => [name, versionOf(name)]),
  ),
});

/** Read from the package's own folder: most packages do not export their package.json. */
const versionOf = (name: string): string => {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const folder of folders) {
    try {
      return JSON.parse(readFileSync(`${folder}/${name}/package.json`, "utf8")).version;
    } catch {
      // Not in this folder; the next one up.
    }
  }
  return "of an unknown version";
};

/** Cores and model, as the system names them. */
export const describeProcessor = (): string => {
  const cores = cpus();
  return `${cores.length} cores (${cores[0]?.model.trim() || "unknown model"})`;
};
