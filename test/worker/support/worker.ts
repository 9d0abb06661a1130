import { createTestHarness } from "wrangler";
import { createKakao, DEFAULT_APP, type Kakao } from "../../simulator/index.ts";

export const AUTH = "https://auth.shop.test";
export const SHOP = "https://app.shop.test";
export const PARTNER = "https://www.partner.test";

/** The variables of a good deployment; a test overrides what it is about. */
export const VARIABLES = {
  AUTH_ORIGIN: AUTH,
  FRONTEND_ORIGINS: `${SHOP} ${PARTNER} https://*.previews.partner.test http://localhost:5173`,
  KAKAO_CLIENT_ID: "0123456789abcdef0123456789abcdef",
};

export const SECRETS = {
  KAKAO_CLIENT_SECRET: "the-client-secret-of-the-simulated-app",
  AUTH_SECRET: Buffer.alloc(32, "k1").toString("base64url"),
};

export type TestWorker = {
  kakao: Kakao;
  db: D1Database;
  /** Sends a request to the built Worker in workerd, as a client would: no redirect is followed. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Runs the scheduled handler. */
  scheduled(): Promise<void>;
  /** Lines that the Worker logged, parsed where they are JSON. */
  logs(): Record<string, unknown>[];
  /** Everything that was logged, as one text: for what must not be in it. */
  logText(): string;
  clearLogs(): void;
  close(): Promise<void>;
};

type Options = {
  vars?: Record<string, string>;
  secrets?: Record<string, string>;
  /** Another entry of the Worker, for tests that have to stand between it and D1. */
  configPath?: string;
  migrate?: boolean;
};

/** Starts the Worker in workerd on an empty D1, with the simulator where the Worker expects Kakao. */
export const startWorker = async (options: Options = {}): Promise<TestWorker> => {
  const kakao = createKakao({ apps: [testApp()] });
  const realFetch = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { hostname } = new URL(request.url);
    if (hostname === "kauth.kakao.com" || hostname === "kapi.kakao.com") return kakao.fetch(request);
    if (hostname === "127.0.0.1" || hostname === "localhost") return realFetch(request);
    throw new Error(`the Worker called ${hostname}, which is not Kakao`);
  };

  const server = createTestHarness({
    workers: [
      {
        configPath: options.configPath ?? "wrangler.toml",
        vars: { ...VARIABLES, ...options.vars },
        secrets: { ...SECRETS, ...options.secrets },
      },
    ],
  });
  await server.listen();
  const worker = server.getWorker<{ DB: D1Database }>();
  if (options.migrate !== false) await worker.applyD1Migrations("DB");
  const { DB: db } = await worker.getEnv();

  return {
    kakao,
    db,
    fetch: (path, init) =>
      worker.fetch(new URL(path, AUTH).href, { redirect: "manual", ...init } as never) as unknown as Promise<Response>,
    scheduled: async () => {
      await worker.scheduled({ cron: "*/15 * * * *" });
    },
    logs: () => server.getLogs().flatMap(({ message }) => parseLine(message)),
    logText: () => JSON.stringify(server.getLogs()),
    clearLogs: () => server.clearLogs(),
    close: async () => {
      globalThis.fetch = realFetch;
      await server.close();
    },
  };
};

const parseLine = (message: string): Record<string, unknown>[] => {
  try {
    return [JSON.parse(message)];
  } catch {
    return [];
  }
};

const testApp = () => ({
  ...DEFAULT_APP,
  restApiKey: VARIABLES.KAKAO_CLIENT_ID,
  clientSecret: SECRETS.KAKAO_CLIENT_SECRET,
  redirectUris: [`${AUTH}/login/kakao/callback`],
  openIdConnect: true,
});
