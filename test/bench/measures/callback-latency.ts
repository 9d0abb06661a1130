import { createKakao, DEFAULT_APP, FULL_PROFILE, type Kakao } from "../../simulator/index.ts";
import type { Bundles } from "../bundles.ts";
import { type Answer, type Connection, getRequest, openConnection } from "../connection.ts";
import { type FarAway, startDistance } from "../distance.ts";
import { timed } from "../load.ts";
import { startRuntime } from "../runtime.ts";
import { median } from "../statistics.ts";
import { VARIABLES } from "../variables.ts";
import { askUse } from "./database-use.ts";
import { calibrate, measureWaits } from "./waits.ts";

const LOGINS = 30;

/** Medians over logins of new users, one at a time. */
export type CallbackLatency = {
  /** Milliseconds, with D1 20 ms and Kakao 30 ms away. */
  callback: number;
  /** Milliseconds without those waits. */
  near: number;
  /** D1 round trips. */
  startTrips: number;
  callbackTrips: number;
  /** Calls to Kakao of one callback. */
  kakaoCalls: number;
  /** How long the waits for D1 and for Kakao last in truth. */
  waits: Record<FarAway, number>;
};

type Login = Omit<CallbackLatency, "near" | "waits">;

/** Logs new people in through the simulated Kakao, and measures the callback: all that the Worker makes them wait for. */
export const measureCallbackLatency = async (bundles: Bundles): Promise<CallbackLatency> => {
  const app = { ...DEFAULT_APP, redirectUris: [`${VARIABLES.AUTH_ORIGIN}/login/kakao/callback`] };
  const kakao = createKakao({ apps: [app] });
  const distance = await startDistance(kakao);
  const runtime = await startRuntime([{ name: "watched", script: bundles.watched, sessions: 1, distance }]);
  try {
    const port = await runtime.portOf("watched");
    const connection = await openConnection(port);
    let people = 0;
    const logInNewPeople = async (): Promise<Login> => {
      const logins: Login[] = [];
      // The very first login also fetches Kakao's keys and makes the isolate; the median does not see it.
      for (let count = 0; count < LOGINS; count += 1) logins.push(await logIn(kakao, connection, port, people++));
      const middle = (name: keyof Login): number => median(logins.map((login) => login[name]));
      return {
        callback: middle("callback"),
        startTrips: middle("startTrips"),
        callbackTrips: middle("callbackTrips"),
        kakaoCalls: middle("kakaoCalls"),
      };
    };
    await calibrate(connection, distance);
    const far = await logInNewPeople();
    const waits = await measureWaits(connection);
    Object.assign(distance.waits, { d1: 0, kakao: 0 });
    const near = await logInNewPeople();
    connection.close();
    return { ...far, near: near.callback, waits };
  } finally {
    await runtime.stop();
    distance.close();
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

/** What a browser says that opens an address for a person. */
const NAVIGATION = { Accept: "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site" };

const redirectOf = ({ head }: Answer): string => {
  const location = /\r\nlocation: (\S+)/i.exec(head)?.[1];
  if (location === undefined) throw new Error(`the login did not lead to Kakao: ${head}`);
  return location;
};

const cookiesOf = ({ head }: Answer): string =>
  [...head.matchAll(/\r\nset-cookie: ([^;\r]+)/gi)].map(([, pair]) => pair).join("; ");
