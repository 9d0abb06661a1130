import type { CallbackLatency } from "./measures/callback-latency.ts";
import type { CheckLatency } from "./measures/check-latency.ts";
import type { DatabaseUse } from "./measures/database-use.ts";
import type { PeersFigures } from "./measures/peers.ts";
import type { StartUp } from "./measures/start-up.ts";
import type { Scale, Throughput } from "./measures/throughput.ts";

/** Everything that one run measured. */
export type Figures = {
  throughput: { table: Throughput[]; scale: Scale };
  databaseUse: DatabaseUse;
  check: CheckLatency;
  callback: CallbackLatency;
  /** Bytes. */
  bundle: { raw: number; gzip: number };
  startUp: StartUp;
  /** `null`: the run was without them. */
  peers: PeersFigures | null;
};
