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

type Run = { milliseconds: number; processor: number | null };

/** Medians from spawning workerd to the first answer; `processor` in milliseconds of processor time until then. */
export type StartUp = Record<"empty" | "hono" | "auth", Run>;

/** A script to start, and the path that it answers without a database; `flags`: compatibility flags unlike ours. */
export type Started = { name: string; script: string; path: string; flags?: readonly string[] };

const CHECK = "/session";

/** `empty` is a Worker of one line: what remains after taking it off is the script's own share. */
export const measureStartUp = async (bundles: Bundles, folder: string): Promise<StartUp> => {
  const [empty, hono, auth] = await startInTurn(
    (["empty", "hono", "auth"] as const).map((name) => ({ name, script: bundles[name], path: CHECK })),
    folder,
  );
  if (!empty || !hono || !auth) throw new Error("nothing was started");
  return { empty, hono, auth };
};

/** Starts a bare workerd for each script, in turn, and asks it once. Medians, in the order of the scripts. */
export const startInTurn = async (started: readonly Started[], folder: string): Promise<Run[]> => {
  const scripts = await Promise.all(
    started.map(async (one) => ({ ...one, config: await writeConfig(join(folder, `start-${one.name}`), one) })),
  );
  const runs = scripts.map((): Run[] => []);
  for (let run = 0; run < RUNS; run += 1) {
    for (const [index, { config, path }] of scripts.entries()) runs[index]?.push(await startOnce(config, path));
  }
  return runs.map((ofOne) => {
    const processor = ofOne.map((run) => run.processor ?? Number.NaN);
    return {
      milliseconds: median(ofOne.map((run) => run.milliseconds)),
      processor: processor.includes(Number.NaN) ? null : median(processor),
    };
  });
};

const startOnce = async (config: string, path: string): Promise<Run> => {
  const began = performance.now();
  const child = spawn(workerdPath(), ["serve", "--control-fd=3", config], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  try {
    const connection = await openConnection(await portOf(child));
    const answer = await connection.ask(getRequest(path, {}));
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

/** Has the members by which a D1 is known, and is never asked. */
const DATABASE = '(name = "DB", json = "{\\"prepare\\":0,\\"batch\\":0,\\"exec\\":0}")';

/** workerd's own configuration, without Miniflare around it. */
const writeConfig = async (folder: string, { script, flags }: Started): Promise<string> => {
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
    compatibilityFlags = ${JSON.stringify(flags ?? compatibilityFlags)},
    bindings = [${[...bindings, DATABASE].join(", ")}],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
  );
  return path;
};
