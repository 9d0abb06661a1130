import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Bundles } from "../bundles.ts";
import { getRequest, openConnection } from "../connection.ts";
import { processorTime } from "../processor-time.ts";
import { compatibility } from "../runtime.ts";
import { median } from "../statistics.ts";
import { VARIABLES } from "../variables.ts";

const RUNS = 15;

/** `empty` is a Worker of one line: what remains after taking it off is the script's own share. */
const STARTED = ["empty", "hono", "auth"] as const;

type Name = (typeof STARTED)[number];
type Run = { milliseconds: number; processor: number | null };

/** Medians from spawning workerd to the first answer; `processor` in milliseconds of processor time until then. */
export type StartUp = Record<Name, Run>;

/** Starts a bare workerd for each script, in turn, and asks it once. */
export const measureStartUp = async (bundles: Bundles, folder: string): Promise<StartUp> => {
  const runs: Record<Name, Run[]> = { empty: [], hono: [], auth: [] };
  const configs = { empty: "", hono: "", auth: "" };
  for (const name of STARTED) configs[name] = await writeConfig(join(folder, `start-${name}`), bundles[name]);
  for (let run = 0; run < RUNS; run += 1) {
    for (const name of STARTED) runs[name].push(await startOnce(configs[name]));
  }
  const medians = STARTED.map((name) => {
    const processor = runs[name].map((run) => run.processor ?? Number.NaN);
    const milliseconds = median(runs[name].map((run) => run.milliseconds));
    return [name, { milliseconds, processor: processor.includes(Number.NaN) ? null : median(processor) }];
  });
  return Object.fromEntries(medians);
};

const startOnce = async (config: string): Promise<Run> => {
  const began = performance.now();
  const child = spawn(workerdPath(), ["serve", "--control-fd=3", config], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  try {
    const connection = await openConnection(await portOf(child));
    const answer = await connection.ask(getRequest("/session", {}));
    const milliseconds = performance.now() - began;
    const processor = child.pid === undefined ? null : await processorTime(child.pid);
    connection.close();
    if (answer.status !== 200) throw new Error(`a started Worker answered ${answer.status}: ${answer.body}`);
    return { milliseconds, processor: processor === null ? null : processor / 1e6 };
  } finally {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }
};

/** workerd says on its control channel when it listens, and where. */
const portOf = async (child: ChildProcess): Promise<number> => {
  const control = child.stdio[3] as Readable;
  let text = "";
  for await (const chunk of control) {
    text += chunk;
    const port = /"port":(\d+)/.exec(text)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error("workerd ended before it listened");
};

const workerdPath = (): string => {
  const require = createRequire(createRequire(import.meta.url).resolve("miniflare"));
  return require("workerd").default;
};

/** workerd's own configuration, without Miniflare around it; the database is never asked. */
const writeConfig = async (folder: string, script: string): Promise<string> => {
  await mkdir(folder, { recursive: true });
  await copyFile(script, join(folder, "index.js"));
  const { compatibilityDate, compatibilityFlags } = compatibility();
  const bindings = Object.entries(VARIABLES).map(([name, value]) => `(name = "${name}", text = "${value}")`);
  const path = join(folder, "config.capnp");
  await writeFile(
    path,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "index.js", esModule = embed "index.js")],
    compatibilityDate = "${compatibilityDate}",
    compatibilityFlags = ${JSON.stringify(compatibilityFlags)},
    bindings = [${[...bindings, '(name = "DB", json = "{}")'].join(", ")}],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
  );
  return path;
};
