import { waitUntil } from "cloudflare:workers";

/** What D1 does to the Worker under test, on command. `after`: trips that it still serves well; `trips`: slow ones. */
export type D1Fault =
  | { kind: "none" }
  | { kind: "fails"; after?: number }
  /** Neither answers nor fails within any deadline. */
  | { kind: "hangs" }
  | { kind: "slow"; milliseconds: number; trips?: number }
  /** Does what it is told at once, and says so late. */
  | { kind: "answers_late"; milliseconds: number }
  /** Does what it is told, but at the trip of this number the connection is lost before it says so. */
  | { kind: "loses_answer"; trip: number };

/** What went to D1 since the last order. */
export type D1Usage = { trips: number; rowsRead: number };

export type Watch = {
  fault: D1Fault;
  usage: D1Usage;
  /** How a slow D1 spends its time; by default on the runtime's timer, which is late by a millisecond or two. */
  wait?: (milliseconds: number) => Promise<unknown>;
};

/** Everything that crosses the network to D1: `first`, `all`, `run`, `raw` of a statement, `batch`, `exec`, `dump`. */
const TRIPS = new Set<PropertyKey>(["first", "all", "run", "raw", "batch", "exec", "dump"]);

/** What leads to a trip without being one. */
const CARRIERS = new Set<PropertyKey>(["prepare", "bind", "withSession"]);

/** Longer than any caller may wait, and not for ever: workerd ends a request at once that waits for nothing at all. */
const HANGING_MILLISECONDS = 30_000;

/** The object inside each watched one: D1's own `batch` takes no proxies. */
const bare = new WeakMap<object, object>();

const unwrap = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(unwrap);
  return typeof value === "object" && value !== null ? (bare.get(value) ?? value) : value;
};

/** A D1 binding, or a statement of it, that counts its trips and fails when told to. */
export const watchD1 = <T extends object>(target: T, watch: Watch): T => {
  const proxy = new Proxy(target, {
    get: (inner, name) => {
      const member: unknown = Reflect.get(inner, name, inner);
      if (typeof member !== "function") return member;
      const call = (inputs: unknown[]): unknown => Reflect.apply(member, inner, inputs.map(unwrap));
      if (TRIPS.has(name)) {
        return (...inputs: unknown[]) => {
          const trip = travel(watch, () => call(inputs));
          // What was sent reaches D1, whether its sender still waits or not.
          if (watch.fault.kind === "slow") waitUntil(trip.catch(() => {}));
          return trip;
        };
      }
      return (...inputs: unknown[]) => {
        const result = call(inputs);
        return CARRIERS.has(name) && typeof result === "object" && result !== null ? watchD1(result, watch) : result;
      };
    },
  });
  bare.set(proxy, target);
  return proxy;
};

const travel = async (watch: Watch, call: () => unknown): Promise<unknown> => {
  const { fault, usage } = watch;
  usage.trips += 1;
  if (fault.kind === "fails" && usage.trips > (fault.after ?? 0))
    throw new Error("D1_ERROR: the database is away, says the test");
  if (fault.kind === "slow" && usage.trips <= (fault.trips ?? Number.POSITIVE_INFINITY))
    await (watch.wait ? watch.wait(fault.milliseconds) : scheduler.wait(fault.milliseconds));
  if (fault.kind === "hangs") {
    await scheduler.wait(HANGING_MILLISECONDS);
    throw new Error("D1_ERROR: the database came back far too late, says the test");
  }
  const result = await call();
  if (fault.kind === "loses_answer" && usage.trips === fault.trip)
    throw new Error("D1_ERROR: Network connection lost.");
  if (fault.kind === "answers_late") await scheduler.wait(fault.milliseconds);
  for (const part of Array.isArray(result) ? result : [result]) usage.rowsRead += part?.meta?.rows_read ?? 0;
  return result;
};
