import type { Figures } from "./figures.ts";
import type { Throughput } from "./measures/throughput.ts";
import { SESSION_COUNTS } from "./measures/variants.ts";
import { reportPeers } from "./peers/report.ts";
import { table } from "./table.ts";
import type { Target } from "./target.ts";
import { judge } from "./targets.ts";

/** When, where and on what a run was made. */
export type Circumstances = {
  date: string;
  versions: Readonly<Record<string, string>>;
  processor: string;
  /** Load averages of one minute before and after the run: above the number of cores, others were at work. */
  load: readonly [before: number, after: number];
  seconds: number;
  rounds: number;
};

const VARIANTS: readonly [variant: string, meaning: string][] = [
  ["hmac", "Hono and one HMAC verification"],
  ["database", "Hono and one D1 read"],
  ["lucia", "Hono and Lucia over its D1 adapter"],
  ["cold", "this Worker, cookie without a proof: D1 each time"],
  ["warm", "this Worker, proof remembered"],
  ["unseen", "this Worker, every proof seen for the first time"],
];

/** The whole report, in Markdown. */
export const report = (figures: Figures, circumstances: Circumstances): string => {
  const { scale } = figures.throughput;
  const targets = judge(figures);
  return `# What a session check costs

${describe(circumstances)}

## Held against the targets

${table(
  ["measure", "target", "measured", "met"],
  targets.map(({ measure, target, figure, met }) => [measure, target, figure, met === null ? "?" : met ? "yes" : "NO"]),
)}

${missed(targets)}

${figures.peers === null ? "" : `${reportPeers(figures, figures.peers)}\n`}## Requests a second, as a share of a bare Hono answer

${grid(figures.throughput.table, ({ rate }) => rate)}

## Processor time of workerd for one request, as a multiple of a bare Hono answer

D1 runs inside workerd here, so that its part is counted; in production it is another machine's. Its files lie
in memory where the system has room there.

${grid(figures.throughput.table, ({ processor }) => processor)}

For scale: a bare Hono answer was given ${Math.round(scale.rate).toLocaleString("en")} times a second${
    scale.processor === null ? "" : ` and took ${Math.round(scale.processor)} µs of processor time`
  }.

## Start-up, in milliseconds

${table(
  ["script", "spawn to first answer", "processor time until then"],
  [
    ["one line, no framework", ...startUpRow(figures.startUp.empty)],
    ["bare Hono", ...startUpRow(figures.startUp.hono)],
    ["this Worker", ...startUpRow(figures.startUp.auth)],
  ],
)}
`;
};

/** A miss is said aloud, with where its cost lies. */
const missed = (targets: readonly Target[]): string => {
  const misses = targets.filter(({ met }) => met === false);
  if (misses.length === 0) return "Nothing is missed.";
  const lines = misses.map(({ measure, figure, target, cause }) =>
    `- **${measure}**: ${figure}, ${target}. ${cause ?? ""}`.trim(),
  );
  return ["What is missed, and where its cost lies:", "", ...lines].join("\n");
};

const describe = ({ date, versions, processor, load, seconds, rounds }: Circumstances): string =>
  `Written by \`npm run bench\` on ${date}, in ${Math.round(seconds)} s, ${rounds} rounds, on ${processor}; load average ${load
    .map((value) => value.toFixed(1))
    .join(" before and ")} after.
${Object.entries(versions)
  .map(([name, version]) => `${name} ${version}`)
  .join(", ")}.

Requests go to workerd's own sockets. Ratios are medians of pairs of short windows, each beside a window of the bare
Hono Worker in the same process, so that they mean something on a noisy machine too; absolute times are this machine's.`;

const grid = (lines: readonly Throughput[], pick: (line: Throughput) => number | null): string =>
  table(
    ["answered by", ...SESSION_COUNTS.map((count) => `sessions: ${count.toLocaleString("en")}`)],
    VARIANTS.map(([variant, meaning]) => [
      meaning,
      ...SESSION_COUNTS.map((sessions) => {
        const line = lines.find((candidate) => candidate.variant === variant && candidate.sessions === sessions);
        return line ? (pick(line)?.toFixed(2) ?? "?") : "";
      }),
    ]),
  );

const startUpRow = ({ milliseconds, processor }: { milliseconds: number; processor: number | null }): string[] => [
  milliseconds.toFixed(1),
  processor?.toFixed(1) ?? "?",
];
