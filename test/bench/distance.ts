import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Kakao } from "../simulator/index.ts";
import { sleepUntil } from "./sleep.ts";

/** What can be far away. */
export type FarAway = "d1" | "kakao";

export type Distance = {
  /** `host:port`, for an external service of workerd. */
  address: string;
  /** Milliseconds that a Worker waits for each; may be changed between requests. */
  waits: Record<FarAway, number>;
  /**
   * Milliseconds by which an answer leaves early, so that the Worker has it in time: for the way there and back, and
   * for the waking up of a process that slept.
   */
  early: Record<FarAway, number>;
  close(): void;
};

/** How far the targets have them. */
export const AWAY: Readonly<Record<FarAway, number>> = { d1: 20, kakao: 30 };

/** The host that stands for the way to D1; every other one is Kakao's. */
const D1_HOST = "d1.distance.test";

const NOTHING = new Response(null, { status: 204 });

/**
 * Puts D1 and Kakao at a distance, by answering in time: D1's own work begins after its wait, Kakao's goes on meanwhile.
 * The waits are made here and not in workerd, whose timers are late by 1 to 2 ms and whose clock counts whole ones.
 *
 * @param kakao answers what Workers ask for outside; `null`: nothing does, after Kakao's wait
 */
export const startDistance = async (kakao: Kakao | null): Promise<Distance> => {
  const waits = { ...AWAY };
  const early = { d1: 0, kakao: 0 };
  const server = createServer(async (incoming, outgoing) => {
    const arrived = performance.now();
    const place = incoming.headers.host === D1_HOST ? "d1" : "kakao";
    const answer = place === "d1" || kakao === null ? NOTHING.clone() : await kakao.fetch(await read(incoming));
    const body = Buffer.from(await answer.arrayBuffer());
    await sleepUntil(arrived + waits[place] - early[place]);
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(body);
  });
  // Whoever waits idle for longer than Node's five seconds finds the connection still open.
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    waits,
    early,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

/** The request as the Worker made it: workerd takes the scheme off. */
const read = async (incoming: IncomingMessage): Promise<Request> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { method = "GET", headers, url } = incoming;
  return new Request(`https://${headers.host}${url}`, {
    method,
    headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  });
};
