/**
 * `npm start`: the Worker in workerd, two small front ends and a simulated Kakao, on this computer alone.
 *
 * With KAKAO_CLIENT_ID and KAKAO_CLIENT_SECRET in `.dev.vars` the Worker talks to the real Kakao instead.
 * `npm start -- --trial` ignores `.dev.vars` and keeps nothing.
 */

// Before wrangler and Miniflare are loaded, which read these once: nothing here needs the network.
process.env.WRANGLER_SEND_METRICS ??= "false";
process.env.CLOUDFLARE_CF_FETCH_ENABLED ??= "false";
process.env.WRANGLER_LOG ??= "error";

const { StartFailure } = await import("./demo/failure.ts");
const { startDemo } = await import("./demo/demo.ts");

try {
  await startDemo({ trial: process.argv.includes("--trial") });
} catch (error) {
  const words = error instanceof StartFailure ? error.message : `It did not start.\n${(error as Error).stack ?? error}`;
  process.stderr.write(`\n  ${words.replaceAll("\n", "\n  ")}\n\n`);
  process.exit(1);
}

export {};
