import worker from "worker-under-test";
import { type Watch, watchD1 } from "../../worker/support/watched-d1.ts";

type WatchedEnv = Env & { D1_DELAY_MILLISECONDS: number };

const watch: Watch = { fault: { kind: "none" }, usage: { trips: 0, rowsRead: 0 } };

let watched: Env | null = null;

/** The built Worker on a D1 that is some milliseconds away and counts what it is asked. */
export default {
  fetch: (request, env, context) => {
    if (watched === null) {
      watch.fault = { kind: "slow", milliseconds: env.D1_DELAY_MILLISECONDS };
      watched = { ...env, DB: watchD1(env.DB, watch) };
    }
    const { pathname } = new URL(request.url);
    if (pathname === "/bench/wait") return waitOnce(env.D1_DELAY_MILLISECONDS);
    if (pathname !== "/bench/usage") return worker.fetch(request, watched, context);
    const { usage } = watch;
    watch.usage = { trips: 0, rowsRead: 0 };
    return Response.json(usage);
  },
} satisfies ExportedHandler<WatchedEnv>;

/** Waits as a D1 round trip does: how long that really takes is for the caller to see. */
const waitOnce = async (milliseconds: number): Promise<Response> => {
  await scheduler.wait(milliseconds);
  return Response.json(null);
};
