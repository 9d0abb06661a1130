import { createTestHarness } from "wrangler";
import type { HostHandler } from "./tls-server.ts";

export type WorkerHost = { handle: HostHandler; logs(): string[]; close(): Promise<void> };

export type WorkerHostOptions = {
  vars: Record<string, string>;
  secrets: Record<string, string>;
  /** Answers the Worker's outbound calls. */
  outbound: (request: Request) => Promise<Response>;
};

/** Builds the Worker, runs it in workerd with an empty, migrated D1, and puts it behind a host of the TLS server. */
export async function startWorkerHost({ vars, secrets, outbound }: WorkerHostOptions): Promise<WorkerHost> {
  const restoreFetch = replaceFetch(outbound);
  const harness = createTestHarness({ workers: [{ configPath: "wrangler.toml", vars, secrets }] });
  await harness.listen();
  const worker = harness.getWorker();
  await worker.applyD1Migrations("DB");
  return {
    async handle(request) {
      const answer = await worker.fetch(request.url, {
        method: request.method,
        headers: headersForWorker(request.headers),
        body: request.body === null ? null : Buffer.from(await request.arrayBuffer()),
        redirect: "manual",
      });
      const bodyless = request.method === "HEAD" || [204, 304].includes(answer.status);
      return new Response(bodyless ? null : await answer.arrayBuffer(), {
        status: answer.status,
        headers: [...answer.headers].filter(([name]) => !HOP_BY_HOP.has(name)),
      });
    },
    logs: () => harness.getLogs().map((entry) => entry.message),
    async close() {
      await harness.close();
      restoreFetch();
    },
  };
}

const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"]);

/**
 * The browser's own headers, with Cloudflare's address of the visitor. `Sec-Fetch-Mode` travels under the name that
 * Miniflare restores, because the fetch that carries the request there would overwrite it.
 */
function headersForWorker(incoming: Headers): [string, string][] {
  const headers: [string, string][] = [...incoming].filter(([name]) => !HOP_BY_HOP.has(name) && name !== "host");
  const mode = incoming.get("sec-fetch-mode");
  if (mode !== null) {
    headers.push(["MF-Sec-Fetch-Mode", mode]);
  }
  headers.push(["CF-Connecting-IP", "203.0.113.7"]);
  return headers;
}

/** The harness sends what the Worker fetches to this process's `fetch`. */
function replaceFetch(outbound: (request: Request) => Promise<Response>): () => void {
  const original = globalThis.fetch;
  globalThis.fetch = (input, init) => outbound(new Request(input, init));
  return () => {
    globalThis.fetch = original;
  };
}
