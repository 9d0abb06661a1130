import worker from "worker-under-test";
import { type Watch, watchD1 } from "../../worker/support/watched-d1.ts";

/** `DISTANCE`: answers after the time that D1 is away; without it D1 is near. */
type WatchedEnv = Env & { DISTANCE?: Fetcher };

const watch: Watch = { fault: { kind: "none" }, usage: { trips: 0, rowsRead: 0 } };

let watched: Env | null = null;

/** The built Worker on a D1 that may be some milliseconds away and counts what it is asked. */
export default {
  fetch: (request, { DISTANCE, ...env }, context) => {
    const wait = (): Promise<unknown> => DISTANCE?.fetch("http://d1.distance.test/") ?? Promise.resolve();
    if (watched === null) {
      // How long it really is, the other end of DISTANCE knows.
      if (DISTANCE) Object.assign(watch, { fault: { kind: "slow", milliseconds: 0 }, wait });
      watched = { ...env, DB: watchD1(env.DB, watch) };
    }
    switch (new URL(request.url).pathname) {
      case "/bench/nothing":
        return Response.json(null);
      case "/bench/wait/d1":
        return answerAfter(wait());
      case "/bench/wait/kakao":
        return answerAfter(fetch("https://kapi.kakao.com/bench"));
      case "/bench/usage":
        return Response.json(takeUsage());
      default:
        return worker.fetch(request, watched, context);
    }
  },
} satisfies ExportedHandler<WatchedEnv>;

/** A wait as a trip has it: how long that really is, is for the caller to see. */
const answerAfter = async (trip: Promise<unknown>): Promise<Response> => {
  await trip;
  return Response.json(null);
};

const takeUsage = (): Watch["usage"] => {
  const { usage } = watch;
  watch.usage = { trips: 0, rowsRead: 0 };
  return usage;
};
