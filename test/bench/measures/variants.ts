import type { Bundles } from "../bundles.ts";
import { type Connection, openConnection } from "../connection.ts";
import { expectSuccess, inTurn, type Load } from "../load.ts";
import type { BenchWorker } from "../runtime.ts";
import { coldRequests, plainRequests, provenRequests } from "../sessions.ts";

export const SESSION_COUNTS = [1, 1000, 100_000] as const;

/** Different requests of a variant, asked in turn. */
const REQUESTS = 500;

/** More than an isolate remembers: asked in turn, each proof has been forgotten when its turn comes again. */
const UNSEEN_PROOFS = 6000;

/** One way to answer who is signed in, on a database of so many sessions. */
export type Variant = {
  variant: string;
  sessions: number;
  connections: readonly Connection[];
  /** Makes the requests anew: proofs live for five minutes. */
  makeRequests: () => Buffer[] | Promise<Buffer[]>;
};

/** The Workers that answer: all in one workerd, one at a time at work. */
export const workersOf = (bundles: Bundles): BenchWorker[] => [
  { name: "hono", script: bundles.hono, sessions: 1 },
  { name: "hmac", script: bundles.hmac, sessions: 1 },
  ...SESSION_COUNTS.flatMap((sessions) => [
    { name: `database-${sessions}`, script: bundles.database, sessions },
    { name: `lucia-${sessions}`, script: bundles.lucia, sessions },
    // An isolate for each, since what one variant makes an isolate remember would change the other's answers.
    ...["cold", "warm", "unseen"].map((name) => ({ name: `${name}-${sessions}`, script: bundles.auth, sessions })),
  ]),
];

/**
 * Everything that is held against a bare Hono answer, which itself comes as `yardstick`.
 *
 * @param connect opens the connections to a Worker
 */
export const makeVariants = async (
  connect: (name: string) => Promise<Connection[]>,
): Promise<{ yardstick: Load; variants: Variant[] }> => {
  const proven = () => provenRequests(1, 1);
  const variants: Variant[] = [
    { variant: "hmac", sessions: 1, connections: await connect("hmac"), makeRequests: proven },
  ];
  for (const sessions of SESSION_COUNTS) {
    const plain = () => plainRequests(sessions, REQUESTS);
    const requestsOf = {
      database: plain,
      lucia: plain,
      cold: () => coldRequests(sessions, REQUESTS),
      warm: () => provenRequests(sessions, REQUESTS),
      unseen: () => provenRequests(sessions, UNSEEN_PROOFS),
    };
    for (const [variant, makeRequests] of Object.entries(requestsOf)) {
      variants.push({ variant, sessions, connections: await connect(`${variant}-${sessions}`), makeRequests });
    }
  }
  return { yardstick: { connections: await connect("hono"), next: inTurn(await proven()) }, variants };
};

/** Where each variant's answers come from, as `Server-Timing` says. */
const SOURCES: Record<string, string> = { cold: "database", warm: "memory", unseen: "proof" };

/**
 * Makes sure that a variant is what its name says, once it is warm.
 *
 * @throws Error when an answer comes from elsewhere, and the figure would be another one's
 */
export const expectSource = async (variant: string, { connections, next }: Load): Promise<void> => {
  const expected = SOURCES[variant];
  const [connection] = connections;
  if (expected === undefined || connection === undefined) return;
  const source = sourceOf(expectSuccess(await connection.ask(next())).head);
  if (source !== expected) throw new Error(`"${variant}" was answered from ${source} instead of ${expected}`);
};

/** Where a check's answer came from. */
export const sourceOf = (head: string): string => /check;desc="(\w+)"/.exec(head)?.[1] ?? "an unknown source";

/** Asks once on a connection of its own. */
export const askOnce = async (port: number, request: Buffer): Promise<string> => {
  const connection = await openConnection(port);
  try {
    return expectSuccess(await connection.ask(request)).body;
  } finally {
    connection.close();
  }
};
