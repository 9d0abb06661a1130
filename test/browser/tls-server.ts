import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Certificates } from "./certificates.ts";

/** Answers every request for one host name; sees the request as that host's own server would. */
export type HostHandler = (request: Request) => Response | Promise<Response>;

/** An empty page that every host has, for whatever must happen at a host without its own pages and scripts. */
export const BLANK_PATH = "/blank-page-of-the-tests";

export type TlsServer = { port: number; close(): Promise<void> };

/**
 * One TLS server on a free local port that plays every host: the host name of the request chooses the handler.
 * A host without a handler gets 421, so that a browser which strays off the test's hosts is noticed.
 */
export function listenTls(certificates: Certificates, hosts: ReadonlyMap<string, HostHandler>): Promise<TlsServer> {
  const route = async (request: Request): Promise<Response> => {
    const { hostname, pathname } = new URL(request.url);
    const handler = pathname === BLANK_PATH ? blankPage : hosts.get(hostname);
    const response = handler ? await handler(request) : new Response("No such host in the tests.", { status: 421 });
    // WebKit tells nobody the status of a page: neither WebDriver nor the page's own navigation entry.
    response.headers.append("Server-Timing", `status;desc="${response.status}"`);
    return response;
  };
  const server = createServer(
    { key: certificates.key, cert: certificates.certificate },
    getRequestListener(route, { overrideGlobalObjects: false }),
  );
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}

/** In a frame it tells the page around it which cookies a script can read there. */
const blankPage = () =>
  new Response(
    `<!doctype html><title>Blank</title><body data-state="blank">Blank<script>parent.postMessage(document.cookie, "*")</script>`,
    {
      headers: { "Content-Type": "text/html" },
    },
  );
