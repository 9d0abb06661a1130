import { FULL_PROFILE, type Kakao, type Person } from "../../simulator/index.ts";
import { type Answer, type Connection, getRequest } from "../connection.ts";
import { timed } from "../load.ts";
import { type Cookies, cookieHeader, keepCookies } from "./cookies.ts";
import type { Peer, PeerCheck } from "./peers.ts";

/** What a browser says that opens an address for a person. */
const NAVIGATION = { Accept: "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site" };

/** Somebody whom nobody has seen yet, with an address of their own: some peers know people by it. */
export const newPerson = (index: number): Person => {
  const id = String(3_900_000_000 + index);
  const address = `bench${index}@example.com`;
  const account = FULL_PROFILE.account && { ...FULL_PROFILE.account, email: { address, valid: true, verified: true } };
  return { ...FULL_PROFILE, id, loginId: address, account };
};

/** What runs between the requests of a login: `started` before the callback, `called_back` right after it. */
type Watcher = (moment: "started" | "called_back") => Promise<void>;

/**
 * Logs a person in.
 *
 * @returns the browser's cookies, and the milliseconds that the callback took
 * @throws Error when the peer signs nobody in
 */
export const logIn = async (
  peer: Peer,
  connection: Connection,
  kakao: Kakao,
  person: Person,
  watcher: Watcher = async () => {},
): Promise<{ cookies: Cookies; milliseconds: number }> => {
  const cookies: Cookies = new Map();
  const callback = await kakao.authorize(await peer.start(connection, cookies), { person });
  await watcher("started");
  const headers = { ...NAVIGATION, Cookie: cookieHeader(cookies) };
  const { answer, milliseconds } = await timed(connection, getRequest(callback.pathname + callback.search, headers));
  await watcher("called_back");
  keepCookies(cookies, answer);
  await expectSignedIn(peer, connection, cookies, answer);
  return { cookies, milliseconds };
};

const expectSignedIn = async (
  peer: Peer,
  connection: Connection,
  cookies: Cookies,
  callback: Answer,
): Promise<void> => {
  const check = await connection.ask(checkRequest(peer.checks[0], cookies));
  if (!check.body.includes('"user":{'))
    throw new Error(`${peer.title} signed nobody in: ${callback.head}\n${callback.body}\n${check.head}\n${check.body}`);
};

/** A check by a browser with these cookies. */
export const checkRequest = ({ path, lost }: PeerCheck, cookies: Cookies): Buffer => {
  const kept = new Map(cookies);
  if (lost !== null) kept.delete(lost);
  return getRequest(path, { Cookie: cookieHeader(kept) });
};
