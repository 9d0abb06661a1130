import { expect, vi } from "vitest";
import { type Isolate, type IsolateSettings, type OtherWorker, startIsolates } from "./isolates.ts";
import { copyToReplica, type D1Call, letReplicaLie, pairDatabases } from "./replicated-d1.ts";
import { bearer, check, storeSession } from "./sessions.ts";
import type { D1Fault } from "./watched-d1.ts";

/** An isolate beside a replica of the one D1. `setFault` and `usage` are about the primary. */
export type ReplicatedIsolate = Isolate & {
  setReplicaFault(fault: D1Fault): Promise<void>;
  /** What arrived at which database since this was asked last. */
  calls(): Promise<D1Call[]>;
};

/** Starts isolates on a primary and a replica, which catches up only when `replicate` is called. */
export const startReplicated = async <Name extends string>(
  settings: Record<Name, IsolateSettings>,
  others: readonly OtherWorker[] = [],
) => {
  const main = "test/worker/support/replicated-worker.ts";
  const isolates = await startIsolates(settings, others, { main, databases: ["DB", "REPLICA"] });
  const { db, databaseOf, fetchFrom } = isolates;
  const replica = await databaseOf("REPLICA");
  await pairDatabases(db, replica);
  const names = Object.keys(settings) as Name[];
  const replicatedIsolate = (name: Name): ReplicatedIsolate => ({
    ...isolates[name],
    setReplicaFault: async (fault) => {
      await fetchFrom(name, "/test/replica", { method: "PUT", body: JSON.stringify(fault) });
    },
    calls: async () => (await fetchFrom(name, "/test/calls")).json() as Promise<D1Call[]>,
  });
  const byName = Object.fromEntries(names.map((name) => [name, replicatedIsolate(name)])) as Record<
    Name,
    ReplicatedIsolate
  >;
  return {
    ...isolates,
    ...byName,
    replica,
    replicate: () => copyToReplica(db, replica),
    letReplicaLie: () => letReplicaLie(replica),
  };
};

/**
 * Brings an isolate to where it asks the replica: the feed was read, which a lag of minutes keeps fresh, and the
 * replica has caught up. A loaded machine can make the replica miss its deadline; then the isolate leaves it alone for
 * a while.
 */
export const readyFor = async (
  isolate: ReplicatedIsolate,
  { db, replicate }: { db: D1Database; replicate(): Promise<void> },
): Promise<void> => {
  await isolate.setFault({ kind: "none" });
  await isolate.setReplicaFault({ kind: "none" });
  const ready = async () => {
    await replicate();
    const session = await storeSession(db);
    await replicate();
    expect((await check(isolate, bearer(session))).source).toBe("replica");
  };
  await vi.waitFor(ready, { timeout: 20_000, interval: 100 });
  await isolate.calls();
};

/** For tests in which the replica has to answer within its 0.4 s: on a loaded machine it may once not make it. */
export const UNDER_LOAD = { retry: 2 };

/** The value of the bookmark cookie that an answer sets, or `null`. */
export const bookmarkOf = (response: Response): string | null =>
  /=([^;]*)/.exec(response.headers.getSetCookie().find((line) => BOOKMARK_COOKIE.test(line)) ?? "")?.[1] ?? null;

export const BOOKMARK_COOKIE = /^__(Host|Secure)-bookmark=/;
