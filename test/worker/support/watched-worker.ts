import worker, { AuthService as PlainAuthService } from "../../../src/index.ts";
import { type D1Fault, type Watch, watchD1 } from "./watched-d1.ts";

const watch: Watch = { fault: { kind: "none" }, usage: { trips: 0, rowsRead: 0 } };
const watchedEnvironments = new WeakMap<object, Env>();

/** One environment an isolate, as the platform has it: the Worker's memory hangs on it. */
const watched = (env: Env): Env => {
  const known = watchedEnvironments.get(env);
  if (known) return known;
  const made = { ...env, DB: watchD1(env.DB, watch) };
  watchedEnvironments.set(env, made);
  return made;
};

export class AuthService extends PlainAuthService {
  constructor(context: ExecutionContext, env: Env) {
    super(context, watched(env));
  }
}

/** The Worker as it is deployed, on a D1 that counts and that fails on command. */
export default {
  fetch: async (request, env, context) => {
    if (new URL(request.url).pathname === "/test/d1") {
      const { usage } = watch;
      if (request.method === "PUT") watch.fault = await request.json<D1Fault>();
      watch.usage = { trips: 0, rowsRead: 0 };
      return Response.json(usage);
    }
    return worker.fetch(request, watched(env), context);
  },
  scheduled: (controller, env) => worker.scheduled(controller, watched(env)),
} satisfies ExportedHandler<Env>;
