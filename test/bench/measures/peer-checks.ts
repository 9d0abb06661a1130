import type { Kakao } from "../../simulator/index.ts";
import type { Bundles } from "../bundles.ts";
import type { Connection } from "../connection.ts";
import type { Distance } from "../distance.ts";
import { inTurn, openConnections, saturate } from "../load.ts";
import type { BuiltPeer } from "../peers/build.ts";
import { checkRequest, logIn, newPerson } from "../peers/login.ts";
import type { Peer, PeerCheck } from "../peers/peers.ts";
import { startRuntime } from "../runtime.ts";
import { provenRequests } from "../sessions.ts";
import { type Comparison, compare, type Throughput, WARM_UP_MILLISECONDS } from "./throughput.ts";
import type { Variant } from "./variants.ts";

/** People that are logged in to each; their checks are asked in turn. */
const PEOPLE = 50;

type Rate = Pick<Throughput, "rate" | "processor">;

/** Checks held against bare Hono: ours, and those of the peers, which were held against ours as well. */
export type PeerRates = { own: Rate; peers: { title: string; toHono: Rate; toOwn: Rate }[] };

const OWN = "warm";

/** Holds a warm check of each peer and of ours against a bare Hono answer and against each other, all in one process. */
export const comparePeers = async (
  bundles: Bundles,
  built: readonly BuiltPeer[],
  world: { kakao: Kakao; distance: Distance },
  rounds: number,
): Promise<PeerRates> => {
  const { distance } = world;
  Object.assign(distance.waits, { d1: 0, kakao: 0 });
  const runtime = await startRuntime([
    { name: "hono", script: bundles.hono, sessions: 1 },
    { name: OWN, script: bundles.auth, sessions: PEOPLE },
    ...built.map(({ peer, plain, foreign }) => ({
      name: peer.name,
      script: plain,
      sessions: PEOPLE,
      distance,
      ...(foreign && { foreign }),
    })),
  ]);
  const open: Connection[] = [];
  const connect = async (name: string): Promise<Connection[]> => {
    const connections = await openConnections(await runtime.portOf(name));
    open.push(...connections);
    return connections;
  };
  try {
    const hono = { connections: await connect("hono"), next: inTurn(await provenRequests(1, 1)) };
    const own = { connections: await connect(OWN), makeRequests: () => provenRequests(PEOPLE, PEOPLE) };
    const peers: Variant[] = [];
    for (const { peer } of built) {
      const connections = await connect(peer.name);
      for (const check of peer.checks) {
        const makeRequests = () => logInPeople(peer, check, connections, world.kakao);
        peers.push({ variant: check.title, sessions: PEOPLE, connections, makeRequests });
      }
    }
    const variants = [{ variant: OWN, sessions: PEOPLE, ...own }, ...peers];
    const toHono = await compare(runtime.processId, hono, variants, rounds);
    const yardstick = { connections: own.connections, next: inTurn(await own.makeRequests()) };
    // Ours is as warm and its proofs are as new as what they are held against.
    const warmed = peers.map((peer) => ({
      ...peer,
      makeRequests: async () => {
        const requests = await peer.makeRequests();
        yardstick.next = inTurn(await own.makeRequests());
        await saturate(yardstick, WARM_UP_MILLISECONDS);
        return requests;
      },
    }));
    const toOwn = await compare(runtime.processId, yardstick, warmed, rounds);
    const find = ({ table }: Comparison, title: string): Rate => {
      const found = table.find(({ variant }) => variant === title);
      if (found === undefined) throw new Error(`"${title}" was not measured`);
      return found;
    };
    return {
      own: find(toHono, OWN),
      peers: peers.map(({ variant: title }) => ({ title, toHono: find(toHono, title), toOwn: find(toOwn, title) })),
    };
  } finally {
    for (const connection of open) connection.close();
    await runtime.stop();
  }
};

let people = 0;

/** Checks of people who have just logged in: a cookie cache is fresh for five minutes. */
const logInPeople = async (
  peer: Peer,
  check: PeerCheck,
  connections: readonly Connection[],
  kakao: Kakao,
): Promise<Buffer[]> => {
  const [connection] = connections;
  if (connection === undefined) throw new Error("a peer needs a connection");
  const requests: Buffer[] = [];
  for (let count = 0; count < PEOPLE; count += 1) {
    const { cookies } = await logIn(peer, connection, kakao, newPerson(people++));
    requests.push(checkRequest(check, cookies));
  }
  return requests;
};
