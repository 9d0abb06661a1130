import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { StartFailure } from "./failure.ts";

const run = promisify(execFile);

/**
 * Bundles the Worker exactly as `wrangler deploy` would, without uploading it and without a Cloudflare account.
 *
 * @param outputFolder where `index.js` goes
 * @throws StartFailure with wrangler's own message when the code does not build
 */
export async function bundleWorker(projectFolder: string, outputFolder: string): Promise<void> {
  const wrangler = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");
  try {
    await run(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", outputFolder], {
      cwd: projectFolder,
      env: { ...process.env, WRANGLER_SEND_METRICS: "false", FORCE_COLOR: "0", CI: "1" },
      timeout: 120_000,
    });
  } catch (error) {
    throw new StartFailure(`The Worker does not build.\n${wranglerMessage(error)}`);
  }
}

function wranglerMessage(error: unknown): string {
  const output = error instanceof Error && "stderr" in error ? `${error.stderr}`.trim() : "";
  return stripVTControlCharacters(output || String(error));
}
