import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildBundles, sizeOf } from "./bundles.ts";
import { describeProcessor, readVersions } from "./circumstances.ts";
import type { Figures } from "./figures.ts";
import { measureCallbackLatency } from "./measures/callback-latency.ts";
import { measureCheckLatency } from "./measures/check-latency.ts";
import { measureDatabaseUse } from "./measures/database-use.ts";
import { measurePeers } from "./measures/peers.ts";
import { measureStartUp } from "./measures/start-up.ts";
import { measureThroughput } from "./measures/throughput.ts";
import { report } from "./report.ts";

/** Enough for a median; `npm run bench -- 10` takes longer and is steadier, `-- --peers` measures others beside ours. */
const DEFAULT_ROUNDS = 3;

const RESULTS = join(import.meta.dirname, "RESULTS.md");

const run = async (rounds: number, withPeers: boolean): Promise<void> => {
  const began = performance.now();
  const loadBefore = loadavg()[0] ?? 0;
  const folder = await mkdtemp(join(tmpdir(), "kakao-auth-bench-"));
  const step = async <T>(name: string, work: Promise<T>): Promise<T> => {
    const result = await work;
    console.error(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${name}`);
    return result;
  };
  try {
    const bundles = await step("built", buildBundles(folder));
    const figures: Figures = {
      startUp: await step("start-up", measureStartUp(bundles, folder)),
      throughput: await step("requests a second", measureThroughput(bundles, rounds)),
      databaseUse: await step("use of D1", measureDatabaseUse(bundles)),
      check: await step("waiting for a check", measureCheckLatency(bundles)),
      callback: await step("waiting for a callback", measureCallbackLatency(bundles)),
      bundle: await sizeOf(bundles.auth),
      peers: withPeers ? await step("peers", measurePeers(bundles, folder, rounds)) : null,
    };
    const text = report(figures, {
      date: new Date().toISOString().slice(0, 10),
      versions: readVersions(),
      processor: describeProcessor(),
      load: [loadBefore, loadavg()[0] ?? 0],
      seconds: (performance.now() - began) / 1000,
      rounds,
    });
    await writeFile(RESULTS, text);
    console.log(text);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const { values, positionals } = parseArgs({
  options: { peers: { type: "boolean", default: false } },
  allowPositionals: true,
});
const rounds = Number(positionals[0] ?? DEFAULT_ROUNDS);
if (!Number.isInteger(rounds) || rounds < 1 || positionals.length > 1)
  throw new Error("npm run bench -- [--peers] [rounds]: a whole number from 1");
await run(rounds, values.peers);
