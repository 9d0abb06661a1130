import type { Context } from "hono";
import type { Config } from "./config.ts";
import type { Log } from "./lib/log.ts";
import type { Known } from "./session/check/known.ts";
import type { Memory } from "./session/check/memory.ts";
import type { Asked } from "./session/credential.ts";

/** What every handler finds in its context. `LOGIN_LIMIT` is bound or not, as the operator likes. */
export type AppEnv = {
  Bindings: Env & { LOGIN_LIMIT?: RateLimit };
  Variables: { config: Config; log: Log; memory: Memory; known?: (Asked & { found: Known | null }) | null };
};

export type AppContext = Context<AppEnv>;
