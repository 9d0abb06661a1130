import type { Bundles } from "../bundles.ts";
import type { Connection } from "../connection.ts";
import { inTurn, type Load, openConnections, saturate } from "../load.ts";
import { processorTime } from "../processor-time.ts";
import { startRuntime } from "../runtime.ts";
import { median } from "../statistics.ts";
import { expectSource, makeVariants, type Variant, workersOf } from "./variants.ts";

/**
 * Before each group of pairs: V8 has dropped some of a script's code when it was not asked for seconds, the feed of
 * revocations has to be read, and proofs have to be remembered.
 */
export const WARM_UP_MILLISECONDS = 800;

/** Pairs that follow each other, before it is the next variant's turn. */
const PAIRS = 3;
const WINDOW_MILLISECONDS = 200;

/** What was measured of one variant: medians of the ratios to the bare Hono answer beside it. */
export type Throughput = {
  variant: string;
  sessions: number;
  /** Answers a second, as a share of Hono's. */
  rate: number;
  /** Processor time of an answer, as a multiple of Hono's; `null` where the system does not tell. */
  processor: number | null;
};

/** Hono's own figures, for the reader's sense of scale. `rate` in answers a second, `processor` in microseconds. */
export type Scale = { rate: number; processor: number | null };

/** Answers a second, and microseconds of workerd's processor time an answer. */
type Window = { rate: number; processor: number | null };

type Pair = { own: Window; hono: Window };

export type Comparison = { table: Throughput[]; scale: Scale };

/** Holds every way of ours to answer against a bare Hono answer. */
export const measureThroughput = async (bundles: Bundles, rounds: number): Promise<Comparison> => {
  const runtime = await startRuntime(workersOf(bundles));
  const open: Connection[] = [];
  try {
    const { yardstick, variants } = await makeVariants(async (name) => {
      const connections = await openConnections(await runtime.portOf(name));
      open.push(...connections);
      return connections;
    });
    return await compare(runtime.processId, yardstick, variants, rounds);
  } finally {
    for (const connection of open) connection.close();
    await runtime.stop();
  }
};

/**
 * Holds each variant against the yardstick, in pairs of short windows right after each other: the machine's noise is
 * slower than a pair. Every variant has its turn in each of the `rounds`.
 *
 * @param processId the workerd in which all of them run
 */
export const compare = async (
  processId: number | null,
  yardstick: Load,
  variants: readonly Variant[],
  rounds: number,
): Promise<Comparison> => {
  const pairs = variants.map((): Pair[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, variant] of variants.entries()) {
      const load = { connections: variant.connections, next: inTurn(await variant.makeRequests()) };
      await saturate(load, WARM_UP_MILLISECONDS);
      await expectSource(variant.variant, load);
      for (let pair = 0; pair < PAIRS; pair += 1) {
        const hono = await measure(processId, yardstick);
        pairs[index]?.push({ hono, own: await measure(processId, load) });
      }
      await expectSource(variant.variant, load);
    }
  }
  const table = variants.map(({ variant, sessions }, index) => ({ variant, sessions, ...ratios(pairs[index] ?? []) }));
  const windows = pairs.flat().map(({ hono }) => hono);
  return {
    table,
    scale: {
      rate: median(windows.map(({ rate }) => rate)),
      processor: known(windows.map((window) => window.processor)),
    },
  };
};

const measure = async (processId: number | null, load: Load): Promise<Window> => {
  const before = processId === null ? null : await processorTime(processId);
  const began = performance.now();
  const answers = await saturate(load, WINDOW_MILLISECONDS);
  const seconds = (performance.now() - began) / 1000;
  const after = processId === null ? null : await processorTime(processId);
  return {
    rate: answers / seconds,
    processor: before === null || after === null ? null : (after - before) / 1000 / answers,
  };
};

const ratios = (pairs: readonly Pair[]): Pick<Throughput, "rate" | "processor"> => ({
  rate: median(pairs.map(({ own, hono }) => own.rate / hono.rate)),
  processor: known(
    pairs.map(({ own, hono }) =>
      own.processor === null || hono.processor === null ? null : own.processor / hono.processor,
    ),
  ),
});

/** The median of what is known; `null` when nothing is. */
const known = (values: readonly (number | null)[]): number | null => {
  const numbers = values.filter((value) => value !== null);
  return numbers.length > 0 ? median(numbers) : null;
};
