import { createTestHarness, type Unstable_RawConfig } from "wrangler";
import { createKakao, DEFAULT_APP } from "../../simulator/index.ts";
import type { D1Fault, D1Usage } from "./watched-d1.ts";
import { AUTH, SECRETS, type TestWorker, VARIABLES } from "./worker.ts";

/** One isolate of the Worker, with its own memory; all of them share one D1. */
export type Isolate = TestWorker & {
  /** Lets D1 fail, hang or be slow for this isolate alone; also starts counting anew. */
  setFault(fault: D1Fault): Promise<void>;
  /** What this isolate asked of D1 since it was asked last. */
  usage(): Promise<D1Usage>;
};

export type IsolateSettings = { vars?: Record<string, string>; secrets?: Record<string, string> };

export type OtherWorker = Pick<Unstable_RawConfig, "main" | "services" | "vars"> & { name: string };

export type Isolates<Name extends string> = Record<Name, Isolate> & {
  db: D1Database;
  databaseOf(binding: string): Promise<D1Database>;
  /** Sends a request to one of the other Workers. */
  fetchFrom(name: string, path: string, init?: RequestInit): Promise<Response>;
  /** Addresses that Workers asked for outside, in order. */
  outbound: string[];
  close(): Promise<void>;
};

const RUNTIME = {
  compatibility_date: "2026-11-17",
  compatibility_flags: ["no_nodejs_compat", "no_nodejs_compat_v2"],
};

/** Every Worker that names a binding is bound to the same database. */
const databaseFor = (binding: string) => ({
  binding,
  database_name: `shared-${binding}`,
  database_id: `00000000-0000-4000-8000-${Buffer.from(binding).toString("hex").slice(0, 12).padStart(12, "0")}`,
  migrations_dir: "migrations",
});

/**
 * Starts the Worker several times in one workerd, on one empty D1: what Cloudflare does in two places of the world.
 * Calls of any of them to the auth host's own address reach the first one.
 */
export const startIsolates = async <Name extends string>(
  settings: Record<Name, IsolateSettings>,
  others: readonly OtherWorker[] = [],
  { main = "test/worker/support/watched-worker.ts", databases = ["DB"] } = {},
): Promise<Isolates<Name>> => {
  const names = Object.keys(settings) as Name[];
  const [first] = names;
  if (first === undefined) throw new Error("a test of isolates needs one at least");
  const server = createTestHarness({
    workers: [
      ...names.map((name) => ({
        config: {
          name,
          main,
          ...RUNTIME,
          d1_databases: databases.map(databaseFor),
          vars: { ...VARIABLES, ...SECRETS, ...settings[name].vars, ...settings[name].secrets },
        },
      })),
      ...others.map((config) => ({ config: { ...RUNTIME, ...config } })),
    ],
  });

  const fetchFrom = (name: string, path: string, init?: RequestInit): Promise<Response> =>
    server.getWorker(name).fetch(new URL(path, AUTH).href, { redirect: "manual", ...init } as never) as never;
  const kakao = createKakao({ apps: [testApp()] });
  const outbound: string[] = [];
  const realFetch = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { hostname, origin, pathname } = new URL(request.url);
    if (hostname === "127.0.0.1" || hostname === "localhost") return realFetch(request);
    outbound.push(origin + pathname);
    if (origin === AUTH) return fetchFrom(first, pathname, { headers: request.headers });
    if (hostname === "kauth.kakao.com" || hostname === "kapi.kakao.com") return kakao.fetch(request);
    throw new Error(`a Worker called ${hostname}, which nobody here is`);
  };
  await server.listen();
  const worker = server.getWorker<Record<string, D1Database>>(first);
  for (const binding of databases) await worker.applyD1Migrations(binding);
  const databaseOf = async (binding: string): Promise<D1Database> => {
    const { [binding]: database } = await worker.getEnv();
    if (database === undefined) throw new Error(`no database is bound as ${binding}`);
    return database;
  };
  const db = await databaseOf("DB");

  const close = async () => {
    globalThis.fetch = realFetch;
    await server.close();
  };
  const isolate = (name: Name): Isolate => ({
    kakao,
    db,
    fetch: (path, init) => fetchFrom(name, path, init),
    scheduled: async () => {
      await server.getWorker(name).scheduled({ cron: "*/15 * * * *" });
    },
    logs: () => [],
    logText: () => JSON.stringify(server.getLogs()),
    clearLogs: () => server.clearLogs(),
    close,
    setFault: async (fault) => {
      await fetchFrom(name, "/test/d1", { method: "PUT", body: JSON.stringify(fault) });
    },
    usage: async () => (await fetchFrom(name, "/test/d1")).json() as Promise<D1Usage>,
  });
  const isolates = Object.fromEntries(names.map((name) => [name, isolate(name)])) as Record<Name, Isolate>;
  return { ...isolates, db, databaseOf, fetchFrom, outbound, close };
};

const testApp = () => ({
  ...DEFAULT_APP,
  restApiKey: VARIABLES.KAKAO_CLIENT_ID,
  clientSecret: SECRETS.KAKAO_CLIENT_SECRET,
  redirectUris: [`${AUTH}/login/kakao/callback`],
  openIdConnect: true,
});
