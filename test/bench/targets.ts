import type { Figures } from "./figures.ts";
import { SESSION_COUNTS } from "./measures/variants.ts";
import { peerTargets } from "./peers/report.ts";
import type { Target } from "./target.ts";

const fixed = (value: number, digits: number): string => value.toFixed(digits);
const milliseconds = (value: number): string => `${fixed(value, 1)} ms`;

/** Holds the figures against the targets. Where a measure was taken at several sizes of the database, the worst counts. */
export const judge = (figures: Figures): Target[] => {
  const { databaseUse, check, callback, bundle, startUp } = figures;
  const of = (variant: string) => figures.throughput.table.filter((line) => line.variant === variant);
  const slowest = (variant: string): number => Math.min(...of(variant).map(({ rate }) => rate));
  const processor = of("warm").map((line) => line.processor ?? Number.NaN);
  const dearest = processor.includes(Number.NaN) ? null : Math.max(...processor);
  const extra = check.busy - check.hono;
  const startRatio = startUp.auth.milliseconds / startUp.hono.milliseconds;
  const sizes = `worst of ${SESSION_COUNTS.map((count) => count.toLocaleString("en")).join(", ")} sessions`;
  return [
    {
      measure: `processor time of a warm check, as a multiple of a bare Hono answer (${sizes})`,
      target: "at most 1.6",
      figure: dearest === null ? "not measured" : fixed(dearest, 2),
      met: dearest === null ? null : dearest <= 1.6,
      cause:
        "The check itself is a map look-up; the rest is Hono's middleware, the cookie header and a dozen headers of the answer.",
    },
    {
      measure: `requests a second of a warm check, proofs remembered, as a share of bare Hono (${sizes})`,
      target: "at least 0.70",
      figure: fixed(slowest("warm"), 2),
      met: slowest("warm") >= 0.7,
      cause: "As above: requests a second follow from the processor time.",
    },
    {
      measure: `the same, every proof seen for the first time (${sizes})`,
      target: "at least 0.45",
      figure: fixed(slowest("unseen"), 2),
      met: slowest("unseen") >= 0.45,
      cause: "As above, and the proof is decoded, verified and parsed on top of it.",
    },
    {
      measure: "D1 round trips for 1,000 checks at 100 a second in one isolate",
      target: "at most 3",
      figure: String(databaseUse.trips),
      met: databaseUse.trips <= 3,
    },
    {
      measure: "rows read for them",
      target: "at most 10",
      figure: String(databaseUse.rowsRead),
      met: databaseUse.rowsRead <= 10,
    },
    {
      measure: "p50 of a check, D1 20 ms away: busy isolate",
      target: "Hono + 0.5 ms",
      figure: `Hono (${fixed(check.hono, 2)} ms) ${extra < 0 ? "-" : "+"} ${fixed(Math.abs(extra), 2)} ms`,
      met: extra <= 0.5,
    },
    {
      measure: "p50 of a check, D1 20 ms away: isolate idle for 6 s",
      target: "at most 30 ms",
      figure: milliseconds(check.idle),
      met: check.idle <= 30,
    },
    {
      measure: "p50 of a check, D1 20 ms away: first of an isolate, with a proof / without",
      target: "at most 36 ms",
      figure: `${milliseconds(check.firstWithProof)} / ${milliseconds(check.firstWithoutProof)} (a wait of 20 ms lasted ${milliseconds(check.wait)})`,
      met: Math.max(check.firstWithProof, check.firstWithoutProof) <= 36,
    },
    {
      measure: "D1 round trips: login start / callback of a new user",
      target: "0 / 2",
      figure: `${callback.startTrips} / ${callback.callbackTrips}`,
      met: callback.startTrips === 0 && callback.callbackTrips <= 2,
    },
    {
      measure: "calls to Kakao of a callback",
      target: "2",
      figure: String(callback.kakaoCalls),
      met: callback.kakaoCalls <= 2,
    },
    {
      measure: "p50 of a callback of a new user, D1 20 ms and Kakao 30 ms away",
      target: "at most 115 ms",
      figure: `${milliseconds(callback.callback)} (waits of 20 and 30 ms lasted ${milliseconds(callback.waits.d1)} and ${milliseconds(callback.waits.kakao)}; without them, and with the simulator's own work to wait for, it took ${milliseconds(callback.near)})`,
      met: callback.callback <= 115,
      cause:
        "100 ms are the injected waits; what remains is the local cost of two D1 trips, which write, and the work between them.",
    },
    {
      measure: "bundle, gzip (plain)",
      target: "at most 40 kB",
      figure: `${fixed(bundle.gzip / 1000, 1)} kB (${fixed(bundle.raw / 1000, 1)} kB)`,
      met: bundle.gzip <= 40_000,
      cause: "A third of it is the public suffix list, which the check of wildcard origins and of COOKIE_DOMAIN needs.",
    },
    {
      measure: "start-up: workerd spawned to first answer, as a multiple of bare Hono",
      target: "at most 2",
      figure: fixed(startRatio, 2),
      met: startRatio <= 2,
      cause: "Compiling the script is the difference.",
    },
    ...(figures.peers === null ? [] : peerTargets(figures.peers)),
  ];
};
