import { app } from "./app.ts";
import { createLog, describeError } from "./lib/log.ts";
import { sweep } from "./session/sweep.ts";

export default {
  fetch: app.fetch,
  scheduled: async (_controller, env) => {
    const log = createLog(null);
    try {
      log.info("swept", await sweep(env.DB, Date.now()));
    } catch (error) {
      log.error("sweep_failed", describeError(error));
      throw error;
    }
  },
} satisfies ExportedHandler<Env>;
