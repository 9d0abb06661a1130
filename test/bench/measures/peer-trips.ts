import type { Kakao } from "../../simulator/index.ts";
import { type Connection, openConnection } from "../connection.ts";
import { AWAY, type Distance } from "../distance.ts";
import { atPace, expectSuccess, timed } from "../load.ts";
import type { BuiltPeer } from "../peers/build.ts";
import type { Cookies } from "../peers/cookies.ts";
import { checkRequest, logIn, newPerson } from "../peers/login.ts";
import type { Peer } from "../peers/peers.ts";
import { startRuntime } from "../runtime.ts";
import { median } from "../statistics.ts";
import { askUse, type DatabaseUse } from "./database-use.ts";
import { calibrate, measureWaits } from "./waits.ts";

const LOGINS = 20;
const CHECKS = 1000;
const TIMED_CHECKS = 50;
const PER_SECOND = 100;

/** What 1,000 checks ask of D1, and the median of milliseconds that one takes with D1 20 ms away. */
export type CheckUse = DatabaseUse & { title: string; milliseconds: number };

export type PeerTrips = {
  startTrips: number;
  callbackTrips: number;
  /** Milliseconds of a new user's callback, with D1 20 ms and Kakao 30 ms away: a median. */
  callback: number;
  checks: CheckUse[];
};

/** Counts what each peer asks of D1, and measures how long a person waits when that and Kakao are away. */
export const measurePeerTrips = async (
  built: readonly BuiltPeer[],
  { kakao, distance }: { kakao: Kakao; distance: Distance },
): Promise<{ trips: PeerTrips[]; waits: Distance["waits"] }> => {
  const runtime = await startRuntime(
    built.map(({ peer, watched, foreign }) => ({
      name: peer.name,
      script: watched,
      sessions: 1,
      distance,
      ...(foreign && { foreign }),
    })),
  );
  const trips: PeerTrips[] = [];
  let waits = distance.waits;
  try {
    for (const { peer } of built) {
      const port = await runtime.portOf(peer.name);
      const connection = await openConnection(port);
      trips.push(await measureOne(peer, connection, port, { kakao, distance }));
      waits = await measureWaits(connection);
      connection.close();
    }
  } finally {
    await runtime.stop();
  }
  return { trips, waits };
};

const measureOne = async (
  peer: Peer,
  connection: Connection,
  port: number,
  { kakao, distance }: { kakao: Kakao; distance: Distance },
): Promise<PeerTrips> => {
  Object.assign(distance.waits, AWAY);
  await calibrate(connection, distance);
  const logins: { startTrips: number; callbackTrips: number; callback: number }[] = [];
  let cookies: Cookies = new Map();
  for (let index = 0; index < LOGINS; index += 1) {
    const trips = { started: 0, called_back: 0 };
    await askUse(port);
    const login = await logIn(peer, connection, kakao, newPerson(index), async (moment) => {
      trips[moment] = (await askUse(port)).trips;
    });
    cookies = login.cookies;
    logins.push({ startTrips: trips.started, callbackTrips: trips.called_back, callback: login.milliseconds });
  }
  const checks: CheckUse[] = [];
  for (const check of peer.checks) {
    const measured = await measureChecks(connection, port, checkRequest(check, cookies), distance);
    checks.push({ title: check.title, ...measured });
  }
  const middle = (name: keyof (typeof logins)[number]): number => median(logins.map((login) => login[name]));
  return {
    startTrips: middle("startTrips"),
    callbackTrips: middle("callbackTrips"),
    callback: middle("callback"),
    checks,
  };
};

/** First the time of some with D1 away, then the trips of many with D1 near. */
const measureChecks = async (
  connection: Connection,
  port: number,
  request: Buffer,
  distance: Distance,
): Promise<DatabaseUse & { milliseconds: number }> => {
  Object.assign(distance.waits, AWAY);
  const times: number[] = [];
  await atPace(PER_SECOND, TIMED_CHECKS, async () => {
    const { answer, milliseconds } = await timed(connection, request);
    expectSuccess(answer);
    times.push(milliseconds);
  });
  Object.assign(distance.waits, { d1: 0, kakao: 0 });
  await askUse(port);
  for (let index = 0; index < CHECKS; index += 1) expectSuccess(await connection.ask(request));
  const use = await askUse(port);
  Object.assign(distance.waits, AWAY);
  return { ...use, milliseconds: median(times) };
};
