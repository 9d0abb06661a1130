import type { Figures } from "../figures.ts";
import type { CheckUse } from "../measures/peer-trips.ts";
import type { PeerFigures, PeersFigures } from "../measures/peers.ts";
import { table } from "../table.ts";
import type { Target } from "../target.ts";
import { PEERS } from "./peers.ts";

const OURS = "this Worker";

/** How many times faster than better-auth with its cookie cache a warm check should be. */
const FASTER = 6;

const CHECK_COLUMNS = [
  "a session check",
  "processor time, x bare Hono",
  "x ours",
  "requests a second, share of bare Hono",
  "ours are",
  "D1 trips for 1,000",
  "rows read",
  "p50, D1 20 ms away",
];

const LOGIN_COLUMNS = [
  "a login, and the script",
  "D1 trips: start / callback",
  "p50 of a new user's callback",
  "bundle, gzip",
  "start-up, x bare Hono",
];

/** The part of the report that holds this Worker against its peers, in Markdown. */
export const reportPeers = (figures: Figures, peers: PeersFigures): string => `## Peers

${table(CHECK_COLUMNS, [
  ownCheck(figures, peers),
  ...peers.peers.flatMap(({ trips }) => trips.checks.map((check) => checkRow(check, peers))),
])}

${table(LOGIN_COLUMNS, [ownLogin(figures, peers), ...peers.peers.map((peer) => loginRow(peer, peers))])}

Processor time and requests a second are medians of pairs of windows, each beside one of bare Hono or of ours in the
same process, with 50 people logged in to each and the check asked for a while before. D1 runs inside workerd here and
its part is counted. For the p50 checks come at 100 a second at most; callbacks have D1 20 ms and Kakao 30 ms away,
and the waits of the peers lasted ${peers.waits.d1.toFixed(1)} and ${peers.waits.kakao.toFixed(1)} ms. A question mark: the adapter asks D1 in a way that does not tell. Kakao
gives the peers no id_token, since Auth.js' provider refuses one; ours verifies it.

${peers.peers.map(({ peer }) => `- **${peer.title}**: ${peer.configured}.`).join("\n")}
`;

/** Lines of the promises that name a peer. */
export const peerTargets = (peers: PeersFigures): Target[] => {
  const title = PEERS[0]?.checks[0].title ?? "";
  const { toHono, toOwn } = rateOf(peers, title);
  const { processor, rate } = toOwn;
  const needed = toHono.processor === null ? "?" : (toHono.processor / FASTER).toFixed(2);
  const cause = `Bare Hono is a part of ours that no design removes: ours would have to take ${needed} times its processor time.`;
  return [
    {
      measure: `processor time of a warm check: ${title}, as a multiple of ours`,
      target: `at least ${FASTER}`,
      figure: processor?.toFixed(1) ?? "not measured",
      met: processor === null ? null : processor >= FASTER,
      cause,
    },
    {
      measure: `requests a second of a warm check, as a multiple of ${title}`,
      target: `at least ${FASTER}`,
      figure: (1 / rate).toFixed(1),
      met: 1 / rate >= FASTER,
      cause,
    },
  ];
};

const rateOf = ({ rates }: PeersFigures, title: string) => {
  const found = rates.peers.find((rate) => rate.title === title);
  if (found === undefined) throw new Error(`"${title}" was not measured`);
  return found;
};

const ownCheck = ({ databaseUse, check }: Figures, { rates }: PeersFigures): string[] => [
  OURS,
  times(rates.own.processor),
  "",
  rates.own.rate.toFixed(2),
  "",
  String(databaseUse.trips),
  String(databaseUse.rowsRead),
  `${check.busy.toFixed(1)} ms`,
];

const checkRow = (check: CheckUse, peers: PeersFigures): string[] => {
  const { toHono, toOwn } = rateOf(peers, check.title);
  const isTold = check.trips === 0 || check.rowsRead > 0;
  return [
    check.title,
    times(toHono.processor),
    toOwn.processor?.toFixed(1) ?? "?",
    toHono.rate.toFixed(2),
    `${(1 / toOwn.rate).toFixed(1)} x`,
    check.trips.toLocaleString("en"),
    isTold ? check.rowsRead.toLocaleString("en") : "?",
    `${check.milliseconds.toFixed(1)} ms`,
  ];
};

const ownLogin = ({ callback, bundle }: Figures, { startUp }: PeersFigures): string[] => [
  OURS,
  `${callback.startTrips} / ${callback.callbackTrips}`,
  `${callback.callback.toFixed(0)} ms`,
  kilobytes(bundle.gzip),
  times(startUp.auth / startUp.hono),
];

const loginRow = ({ peer, trips, gzip, startUp }: PeerFigures, peers: PeersFigures): string[] => [
  peer.title,
  `${trips.startTrips} / ${trips.callbackTrips}`,
  `${trips.callback.toFixed(0)} ms`,
  kilobytes(gzip),
  times(startUp / peers.startUp.hono),
];

const times = (value: number | null): string => value?.toFixed(2) ?? "?";
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
