import { randomBytes } from "node:crypto";
import { plainFrontend } from "../frontends/plain/app.ts";
import { createKakao, DEFAULT_APP, type Kakao } from "../simulator/index.ts";
import { makeCertificates } from "./certificates.ts";
import { type HostHandler, listenTls } from "./tls-server.ts";
import { startWorkerHost } from "./worker-host.ts";

/** The Worker on its auth subdomain. */
export const AUTH = "https://auth.shop.test";
/** A front end on the same site as the Worker, another origin. */
export const APP = "https://app.shop.test";
/** A listed front end on another site. */
export const PARTNER = "https://www.partner.test";
/** A site that nobody listed. */
export const STRANGER = "https://www.stranger.test";
export const KAKAO = "https://kauth.kakao.com";

/** Everything outside the browser: a little internet of host names over TLS. */
export type World = {
  tlsPort: number;
  kakao: Kakao;
  /** All requests that reached the Worker, in order. */
  requestsToWorker: SeenRequest[];
  /** Lets the Worker's next answer to a POST of this path get lost on the way back, the work being done. */
  loseAnswer(path: string): void;
  /** What the Worker logged. */
  workerLogs(): string[];
  close(): Promise<void>;
};

export type SeenRequest = {
  method: string;
  url: URL;
  status: number;
  /** The origin of the page that sent it, where the browser says so. */
  origin: string | null;
  /** The session cookie that came with it. */
  sessionCookie: string | null;
};

export type WorldOptions = {
  /** `COOKIE_DOMAIN` of the Worker. */
  cookieDomain?: string;
  /**
   * Listed front ends beside the usual ones, or in their place, by origin. `askWorker` is the way there for a front
   * end's own server.
   */
  frontends?: (askWorker: HostHandler) => Record<string, HostHandler>;
};

/** Starts the Worker in workerd, the front ends and Kakao, each under its real host name on one TLS server. */
export async function startWorld({ cookieDomain, frontends }: WorldOptions = {}): Promise<World> {
  const kakao = createKakao({
    apps: [{ ...DEFAULT_APP, redirectUris: [`${AUTH}/login/kakao/callback`] }],
  });
  const more = frontends?.((request) => worker.handle(request)) ?? {};
  const worker = await startWorkerHost({
    vars: {
      AUTH_ORIGIN: AUTH,
      FRONTEND_ORIGINS: [APP, PARTNER, ...Object.keys(more)].join(" "),
      KAKAO_CLIENT_ID: DEFAULT_APP.restApiKey,
      ...(cookieDomain !== undefined && { COOKIE_DOMAIN: cookieDomain }),
    },
    secrets: {
      KAKAO_CLIENT_SECRET: DEFAULT_APP.clientSecret ?? "",
      AUTH_SECRET: randomBytes(32).toString("base64url"),
    },
    outbound: (request) => kakao.fetch(request),
  });

  const requestsToWorker: World["requestsToWorker"] = [];
  const pathsToLose = new Set<string>();
  const auth: HostHandler = async (request) => {
    const response = await worker.handle(request);
    const url = new URL(request.url);
    const sessionCookie = /(?:^|; )__Host-session=([^;]*)/.exec(request.headers.get("Cookie") ?? "")?.[1] ?? null;
    requestsToWorker.push({
      method: request.method,
      url,
      status: response.status,
      origin: request.headers.get("Origin"),
      sessionCookie,
    });
    // In its place a proxy's own words, which have no CORS headers: to the page the network failed.
    const lost = request.method === "POST" && pathsToLose.delete(url.pathname);
    return lost ? new Response("Bad gateway", { status: 502 }) : response;
  };
  const frontend = (origin: string): HostHandler => {
    const app = plainFrontend({ origin, authOrigin: AUTH });
    return (request) => app.fetch(request);
  };
  const hosts = new Map<string, HostHandler>([
    [host(AUTH), auth],
    [host(APP), frontend(APP)],
    [host(PARTNER), frontend(PARTNER)],
    ...Object.entries(more).map(([origin, handler]): [string, HostHandler] => [host(origin), handler]),
    [host(STRANGER), strangerPage],
    [host(KAKAO), (request) => kakao.fetch(request)],
    ["kapi.kakao.com", (request) => kakao.fetch(request)],
  ]);
  const certificates = makeCertificates(["*.shop.test", "*.partner.test", "*.stranger.test", "*.kakao.com"]);
  const tls = await listenTls(certificates, hosts);

  return {
    tlsPort: tls.port,
    kakao,
    requestsToWorker,
    loseAnswer: (path) => void pathsToLose.add(path),
    workerLogs: worker.logs,
    async close() {
      await tls.close();
      await worker.close();
    },
  };
}

function host(origin: string): string {
  return new URL(origin).hostname;
}

/** A page of the stranger's with a form that aims at the Worker, as an attacker would write it. */
function strangerPage(): Response {
  const page = `<!doctype html><title>Stranger</title><form method="post" action="${AUTH}/logout"><button>Win a prize</button></form>`;
  return new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}
