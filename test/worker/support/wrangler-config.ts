import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The entry that counts round trips to D1. */
export const COUNTING_ENTRY = fileURLToPath(new URL("./counting.ts", import.meta.url).href);

/**
 * Writes a wrangler.toml like the project's own, but with another entry or more bindings, into a temporary folder.
 *
 * @param settings.main the entry, absolute or from the project's root
 * @param settings.bindings TOML that comes after the D1 binding
 */
export const writeWranglerConfig = async ({
  main,
  bindings = "",
}: {
  main: string;
  bindings?: string;
}): Promise<{ configPath: string; remove(): Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), "kakao-auth-worker-"));
  const configPath = join(folder, "wrangler.toml");
  await writeFile(
    configPath,
    `name = "kakao-auth-worker-test"
main = ${JSON.stringify(resolve(main))}
compatibility_date = "2026-11-17"
compatibility_flags = ["no_nodejs_compat", "no_nodejs_compat_v2"]

[[d1_databases]]
binding = "DB"
database_name = "kakao-auth-test"
database_id = "00000000-0000-4000-8000-000000000000"
migrations_dir = ${JSON.stringify(resolve("migrations"))}

${bindings}`,
  );
  return { configPath, remove: () => rm(folder, { recursive: true, force: true }) };
};
