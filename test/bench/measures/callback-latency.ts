import { setTimeout as wait } from "node:timers/promises";
import { createKakao, DEFAULT_APP, FULL_PROFILE, type Kakao } from "../../simulator/index.ts";
import type { Bundles } from "../bundles.ts";
import { type Answer, type Connection, getRequest, openConnection } from "../connection.ts";
import { timed } from "../load.ts";
import { startRuntime } from "../runtime.ts";
import { median } from "../statistics.ts";
import { VARIABLES } from "../variables.ts";
import { askUse } from "./database-use.ts";

const LOGINS = 30;
const D1_DELAY_MILLISECONDS = 20;
const KAKAO_DELAY_MILLISECONDS = 30;

const WAITS = 20;

/** Medians over logins of new users, one at a time. */
export type CallbackLatency = {
  /** Milliseconds, with D1 20 ms and Kakao 30 ms away. */
  callback: number;
  /** D1 round trips. */
  startTrips: number;
  callbackTrips: number;
  /** Calls to Kakao of one callback. */
  kakaoCalls: number;
  /** How long the wait of 20 ms before a D1 round trip lasts in truth: timers are late by a little. */
  databaseDelay: number;
};

type Login = Omit<CallbackLatency, "databaseDelay">;

/** Logs new people in through the simulated Kakao, and measures the callback: all that the Worker makes them wait for. */
export const measureCallbackLatency = async (bundles: Bundles): Promise<CallbackLatency> => {
  const app = { ...DEFAULT_APP, redirectUris: [`${VARIABLES.AUTH_ORIGIN}/login/kakao/callback`] };
  const kakao = createKakao({ apps: [app] });
  const runtime = await startRuntime([
    {
      name: "watched",
      script: bundles.watched,
      sessions: 1,
      vars: { D1_DELAY_MILLISECONDS },
      outbound: (request) => fromAfar(kakao, request),
    },
  ]);
  try {
    const port = await runtime.portOf("watched");
    const connection = await openConnection(port);
    const logins: Login[] = [];
    // The first login also fetches Kakao's keys and makes the isolate; the median does not see it.
    for (let index = 0; index < LOGINS; index += 1) logins.push(await logIn(kakao, connection, port, index));
    const databaseDelay = await measureWait(connection);
    connection.close();
    const middle = (name: keyof Login): number => median(logins.map((login) => login[name]));
    return {
      callback: middle("callback"),
      startTrips: middle("startTrips"),
      callbackTrips: middle("callbackTrips"),
      kakaoCalls: middle("kakaoCalls"),
      databaseDelay,
    };
  } finally {
    await runtime.stop();
  }
};

const logIn = async (kakao: Kakao, connection: Connection, port: number, index: number): Promise<Login> => {
  await askUse(port);
  const start = await connection.ask(getRequest("/login/kakao", NAVIGATION));
  const { trips: startTrips } = await askUse(port);

  const person = { ...FULL_PROFILE, id: String(3_900_000_000 + index), loginId: `bench${index}@example.com` };
  const callback = await kakao.authorize(redirectOf(start), { person });
  const calls = kakao.calls.length;
  const request = getRequest(callback.pathname + callback.search, { ...NAVIGATION, Cookie: cookiesOf(start) });
  const { answer, milliseconds } = await timed(connection, request);
  if (!/\r\nset-cookie: __Host-session=/i.test(answer.head)) throw new Error(`nobody was signed in: ${answer.head}`);
  const { trips: callbackTrips } = await askUse(port);
  return { callback: milliseconds, startTrips, callbackTrips, kakaoCalls: kakao.calls.length - calls };
};

/** Kakao's answer, 30 ms after it was asked for; what the simulator computes meanwhile is not on top of that. */
const fromAfar = async (kakao: Kakao, request: Request): Promise<Response> => {
  const [answer] = await Promise.all([kakao.fetch(request), wait(KAKAO_DELAY_MILLISECONDS)]);
  return answer;
};

const measureWait = async (connection: Connection): Promise<number> => {
  const times: number[] = [];
  for (let index = 0; index < WAITS; index += 1) {
    times.push((await timed(connection, getRequest("/bench/wait", {}))).milliseconds);
  }
  return median(times);
};

/** What a browser says that opens an address for a person. */
const NAVIGATION = { Accept: "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site" };

const redirectOf = ({ head }: Answer): string => {
  const location = /\r\nlocation: (\S+)/i.exec(head)?.[1];
  if (location === undefined) throw new Error(`the login did not lead to Kakao: ${head}`);
  return location;
};

const cookiesOf = ({ head }: Answer): string =>
  [...head.matchAll(/\r\nset-cookie: ([^;\r]+)/gi)].map(([, pair]) => pair).join("; ");
