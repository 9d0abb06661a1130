import { setTimeout as wait } from "node:timers/promises";
import type { Bundles } from "../bundles.ts";
import { type Connection, openConnection } from "../connection.ts";
import { startDistance } from "../distance.ts";
import { atPace, expectSuccess, timed } from "../load.ts";
import { startRuntime } from "../runtime.ts";
import { coldRequests, provenRequests } from "../sessions.ts";
import { median } from "../statistics.ts";
import { sourceOf } from "./variants.ts";
import { calibrate, measureWaits } from "./waits.ts";

const SESSIONS = 1000;

/** Fresh isolates for each kind of first check. */
const ISOLATES = 12;

const BUSY_CHECKS = 300;
const BUSY_PER_SECOND = 100;
const IDLE_MILLISECONDS = 6000;
const IDLE_ROUNDS = 2;

/** Medians in milliseconds, with D1 20 ms away. */
export type CheckLatency = {
  hono: number;
  /** An isolate that is asked all the time. */
  busy: number;
  /** One that was quiet for longer than the revocation lag. */
  idle: number;
  /** The first request that an isolate ever gets: from a browser with a proof, and from one without. */
  firstWithProof: number;
  firstWithoutProof: number;
  /** How long a wait for D1 lasts in truth. */
  wait: number;
};

/** Measures what one person waits for a check, one request at a time. */
export const measureCheckLatency = async (bundles: Bundles): Promise<CheckLatency> => {
  const gauge = "watched-gauge";
  const names = Array.from({ length: 2 * ISOLATES }, (_, index) => `watched-${index}`);
  const distance = await startDistance(null);
  const runtime = await startRuntime([
    { name: "hono", script: bundles.hono, sessions: SESSIONS },
    ...[gauge, ...names].map((name) => ({ name, script: bundles.watched, sessions: SESSIONS, distance })),
  ]);
  const connect = async (name: string): Promise<Connection> => openConnection(await runtime.portOf(name));
  const open = await Promise.all([gauge, "hono", ...names].map(connect));
  try {
    const [measured, hono, ...isolates] = open;
    const [busy] = isolates;
    const [proven] = await provenRequests(SESSIONS, 1);
    const [cold] = coldRequests(SESSIONS, 1);
    if (!measured || !hono || !busy || !proven || !cold) throw new Error("nothing to measure");
    await calibrate(measured, distance);
    // The process itself has started, the isolates have not been asked yet.
    for (let index = 0; index < 50; index += 1) await ask(hono, proven, null);

    const firstWithProof = await inTurn(isolates.slice(0, ISOLATES), proven);
    const firstWithoutProof = await inTurn(isolates.slice(ISOLATES), cold);
    await inTurn(isolates, proven);

    const idle: number[] = [];
    for (let round = 0; round < IDLE_ROUNDS; round += 1) {
      await wait(IDLE_MILLISECONDS);
      idle.push(...(await inTurn(isolates, proven)));
    }

    const busyTimes: number[] = [];
    const honoTimes: number[] = [];
    await atPace(BUSY_PER_SECOND, BUSY_CHECKS, async (index) => {
      // Whoever is asked first after the pause wakes the machine up, so they take turns.
      if (index % 2 === 0) honoTimes.push(await ask(hono, proven, null));
      busyTimes.push(await ask(busy, proven, "memory"));
      if (index % 2 === 1) honoTimes.push(await ask(hono, proven, null));
    });
    return {
      hono: median(honoTimes),
      busy: median(busyTimes),
      idle: median(idle),
      firstWithProof: median(firstWithProof),
      firstWithoutProof: median(firstWithoutProof),
      wait: (await measureWaits(measured)).d1,
    };
  } finally {
    for (const connection of open) connection.close();
    await runtime.stop();
    distance.close();
  }
};

const inTurn = async (isolates: readonly Connection[], request: Buffer): Promise<number[]> => {
  const times: number[] = [];
  for (const isolate of isolates) times.push(await ask(isolate, request, null));
  return times;
};

/** Milliseconds of one check. `source`: where its answer has to come from, so that the right thing is measured. */
const ask = async (connection: Connection, request: Buffer, source: string | null): Promise<number> => {
  const { answer, milliseconds } = await timed(connection, request);
  const found = sourceOf(expectSuccess(answer).head);
  if (source !== null && found !== source) throw new Error(`a check was answered from ${found} instead of ${source}`);
  return milliseconds;
};
