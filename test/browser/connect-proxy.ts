import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export type ConnectProxy = { port: number; close(): Promise<void> };

/**
 * An HTTP proxy that leads every CONNECT (RFC 9110 section 9.3.6), whatever host it names, to one local TLS server, and
 * refuses everything else. A browser behind it can reach nothing but the tests; with `null` nothing at all.
 */
export function startConnectProxy(tlsPort: number | null): Promise<ConnectProxy> {
  const open = new Set<Socket>();
  const track = (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    // Either end may vanish at any time: a browser is closed with its connections open.
    socket.on("error", () => socket.destroy());
  };
  const server: Server = createServer((_request, response) => response.writeHead(421).end("Only TLS in the tests."));
  server.on("connection", track);
  server.on("connect", (_request, client: Socket, first: Buffer) => {
    if (tlsPort === null) {
      client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      return;
    }
    const upstream = connect(tlsPort, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.write(first);
      upstream.pipe(client).pipe(upstream);
    });
    track(upstream);
    upstream.once("close", () => client.destroy());
    client.once("close", () => upstream.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of open) {
              socket.destroy();
            }
          }),
      });
    });
  });
}
