import worker from "../../../src/index.ts";
import { ROUND_TRIPS } from "./round-trips.ts";

type Count = { trips: number };

/** Everything that crosses the network to D1: `first`, `all`, `run`, `raw` of a statement, `batch`, `exec`, `dump`. */
const TRIPS = new Set<PropertyKey>(["first", "all", "run", "raw", "batch", "exec", "dump"]);

/** What leads to a trip without being one. */
const CARRIERS = new Set<PropertyKey>(["prepare", "bind", "withSession"]);

/** The statement inside each counting one: D1's own `batch` takes no proxies. */
const bare = new WeakMap<object, object>();

const unwrap = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(unwrap);
  return typeof value === "object" && value !== null ? (bare.get(value) ?? value) : value;
};

const counting = <T extends object>(target: T, count: Count): T => {
  const proxy = new Proxy(target, {
    get: (inner, name) => {
      const member: unknown = Reflect.get(inner, name, inner);
      if (typeof member !== "function") return member;
      return (...inputs: unknown[]) => {
        if (TRIPS.has(name)) count.trips += 1;
        const result: unknown = Reflect.apply(member, inner, inputs.map(unwrap));
        return CARRIERS.has(name) && typeof result === "object" && result !== null ? counting(result, count) : result;
      };
    },
  });
  bare.set(proxy, target);
  return proxy;
};

/** The Worker as it is deployed, on a D1 that counts. */
export default {
  fetch: async (request, env, context) => {
    const count = { trips: 0 };
    const answer = await worker.fetch(request, { ...env, DB: counting(env.DB, count) }, context);
    const counted = new Response(answer.body, answer);
    counted.headers.set(ROUND_TRIPS, String(count.trips));
    return counted;
  },
  scheduled: async (controller, env) => {
    const count = { trips: 0 };
    await worker.scheduled(controller, { ...env, DB: counting(env.DB, count) });
    console.log(JSON.stringify({ event: ROUND_TRIPS, trips: count.trips }));
  },
} satisfies ExportedHandler<Env>;
