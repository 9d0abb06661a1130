import { serve } from "@hono/node-server";
import { plainFrontend } from "../frontends/plain/app.ts";

export type ServedFrontend = { origin: string; close(): Promise<void> };

/** Serves the plain HTML front end on this computer alone, under `hostname` (`localhost` or `127.0.0.1`). */
export function serveFrontend(hostname: string, port: number, authOrigin: string): Promise<ServedFrontend> {
  const origin = `http://${hostname}:${port}`;
  const app = plainFrontend({ origin, authOrigin });
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, () => {
      resolve({ origin, close: () => closeServer(server) });
    });
    server.once("error", reject);
  });
}

function closeServer(server: ReturnType<typeof serve>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // A browser keeps its connections open; waiting for them would make Ctrl-C hang.
    if ("closeAllConnections" in server) {
      server.closeAllConnections();
    }
  });
}
