import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { createKakao, type Kakao, type KakaoOptions } from "./index.ts";

export type ServedKakao = {
  /** `http://host:port`, where both of Kakao's hosts answer. */
  origin: string;
  kakao: Kakao;
  /** Stops at once, hanging requests included. */
  close(): Promise<void>;
};

/**
 * Serves a Kakao to real browsers and to a Worker, both of its hosts on one HTTP origin.
 *
 * @param settings `port` 0 takes a free one; `host` defaults to `localhost`; the origins in `options` default to the
 *   served one
 * @throws Error with `code: "EADDRINUSE"` when the port is taken
 */
export const serveKakao = async (settings: {
  port: number;
  host?: string;
  options?: KakaoOptions;
}): Promise<ServedKakao> => {
  const host = settings.host ?? "localhost";
  let kakao: Kakao | null = null;
  const { server, port } = await new Promise<{ server: Server; port: number }>((resolve, reject) => {
    const answer = (request: Request) => kakao?.fetch(request) ?? new Response(null, { status: 503 });
    const listening = serve({ fetch: answer, port: settings.port, hostname: host }, (address) =>
      resolve({ server: listening as Server, port: address.port }),
    );
    listening.once("error", reject);
  });
  const origin = `http://${host}:${port}`;
  kakao = createKakao({ authOrigin: origin, apiOrigin: origin, ...settings.options });
  return {
    origin,
    kakao,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
};
