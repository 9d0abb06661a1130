import { join } from "node:path";
import { createKakao, DEFAULT_APP, type Kakao } from "../../simulator/index.ts";
import { type Bundles, sizeOf } from "../bundles.ts";
import { type Distance, startDistance } from "../distance.ts";
import { buildPeers } from "../peers/build.ts";
import { installPeers } from "../peers/install.ts";
import { PEERS, type Peer } from "../peers/peers.ts";
import { VARIABLES } from "../variables.ts";
import { comparePeers, type PeerRates } from "./peer-checks.ts";
import { measurePeerTrips, type PeerTrips } from "./peer-trips.ts";
import { startInTurn } from "./start-up.ts";

/** What was measured of a peer. */
export type PeerFigures = {
  peer: Peer;
  trips: PeerTrips;
  /** Bytes, compressed. */
  gzip: number;
  /** Milliseconds from the spawning of workerd to the first answer. */
  startUp: number;
};

export type PeersFigures = {
  rates: PeerRates;
  /** Milliseconds from the spawning of workerd to the first answer, of bare Hono and of ours in the same turns. */
  startUp: { hono: number; auth: number };
  peers: PeerFigures[];
  /** Milliseconds that waits of 20 and 30 ms lasted. */
  waits: Distance["waits"];
};

/** Installs, builds and measures the peers, beside the Worker under test. */
export const measurePeers = async (bundles: Bundles, folder: string, rounds: number): Promise<PeersFigures> => {
  const built = await buildPeers(await installPeers(), join(folder, "peers"));
  const kakao = createPeersKakao();
  const distance = await startDistance(kakao);
  try {
    const rates = await comparePeers(bundles, built, { kakao, distance }, rounds);
    const { trips, waits } = await measurePeerTrips(built, { kakao, distance });
    const [hono, auth, ...startUps] = await startInTurn(
      [
        { name: "hono", script: bundles.hono, path: "/session" },
        { name: "auth", script: bundles.auth, path: "/session" },
        ...built.map(({ peer, plain }) => ({
          name: peer.name,
          script: plain,
          path: peer.checks[0].path,
          ...(peer.flags && { flags: peer.flags }),
        })),
      ],
      join(folder, "peers"),
    );
    const peers = await Promise.all(
      built.map(async ({ peer, plain }, index) => ({
        peer,
        trips: expected(trips[index]),
        gzip: (await sizeOf(plain)).gzip,
        startUp: expected(startUps[index]).milliseconds,
      })),
    );
    return { rates, startUp: { hono: expected(hono).milliseconds, auth: expected(auth).milliseconds }, peers, waits };
  } finally {
    distance.close();
  }
};

/** The people and the app of the peers: without OpenID Connect, since the provider of Auth.js refuses an id_token. */
const createPeersKakao = (): Kakao => {
  const redirectUris = PEERS.map(({ callbackPath }) => VARIABLES.AUTH_ORIGIN + callbackPath);
  return createKakao({ apps: [{ ...DEFAULT_APP, openIdConnect: false, redirectUris }] });
};

const expected = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error("a peer was not measured");
  return value;
};
