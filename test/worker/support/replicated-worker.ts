import worker, { AuthService as PlainAuthService } from "../../../src/index.ts";
import { type D1Call, replicatedD1 } from "./replicated-d1.ts";
import { type D1Fault, type Watch, watchD1 } from "./watched-d1.ts";

type ReplicatedEnv = Env & { REPLICA: D1Database };

const newWatch = (): Watch => ({ fault: { kind: "none" }, usage: { trips: 0, rowsRead: 0 } });

const watches = { primary: newWatch(), replica: newWatch() };
const calls: D1Call[] = [];
const environments = new WeakMap<object, Env>();

/** One environment an isolate, as the platform has it: the Worker's memory hangs on it. */
const replicated = (env: ReplicatedEnv): Env => {
  const known = environments.get(env);
  if (known) return known;
  const databases = { primary: watchD1(env.DB, watches.primary), replica: watchD1(env.REPLICA, watches.replica) };
  const made = { ...env, DB: replicatedD1(databases, calls) };
  environments.set(env, made);
  return made;
};

export class AuthService extends PlainAuthService {
  constructor(context: ExecutionContext, env: ReplicatedEnv) {
    super(context, replicated(env));
  }
}

/** The Worker as it is deployed, on a D1 with a replica; both fail on command and tell what arrived where. */
export default {
  fetch: async (request, env, context) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/test/calls") return Response.json(calls.splice(0));
    const watch = pathname === "/test/d1" ? watches.primary : pathname === "/test/replica" ? watches.replica : null;
    if (watch === null) return worker.fetch(request, replicated(env), context);
    const { usage } = watch;
    if (request.method === "PUT") watch.fault = await request.json<D1Fault>();
    watch.usage = { trips: 0, rowsRead: 0 };
    return Response.json(usage);
  },
} satisfies ExportedHandler<ReplicatedEnv>;
