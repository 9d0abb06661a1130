import type { Bundles } from "../bundles.ts";
import { getRequest, openConnection } from "../connection.ts";
import { atPace, expectSuccess } from "../load.ts";
import { startRuntime } from "../runtime.ts";
import { provenRequests } from "../sessions.ts";
import { askOnce } from "./variants.ts";

const CHECKS = 1000;
const PER_SECOND = 100;
const SESSIONS = 1000;

const USE = getRequest("/bench/usage", {});

/** What the Worker asked of D1. */
export type DatabaseUse = { trips: number; rowsRead: number };

/** Counts what 1,000 checks of browsers with proofs ask of D1, at 100 a second in one isolate. */
export const measureDatabaseUse = async (bundles: Bundles): Promise<DatabaseUse> => {
  const worker = { name: "watched", script: bundles.watched, sessions: SESSIONS };
  const runtime = await startRuntime([worker]);
  try {
    const port = await runtime.portOf("watched");
    const connection = await openConnection(port);
    const requests = await provenRequests(SESSIONS, SESSIONS);
    const ask = async (index: number): Promise<void> => {
      expectSuccess(await connection.ask(requests[index % requests.length] ?? Buffer.alloc(0)));
    };
    // The isolate is busy already: what its first check costs is another figure.
    await ask(0);
    await askUse(port);
    await atPace(PER_SECOND, CHECKS, ask);
    connection.close();
    return await askUse(port);
  } finally {
    await runtime.stop();
  }
};

/** What was asked of D1 since the last time; the count starts anew. */
export const askUse = async (port: number): Promise<DatabaseUse> => JSON.parse(await askOnce(port, USE));
