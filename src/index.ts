import { app } from "./app.ts";
import { isolateFor } from "./isolate.ts";
import { createLog, describeError, WITHOUT_RAY } from "./lib/log.ts";
import { sweep } from "./session/sweep.ts";
import { rotateKeys } from "./tokens/signing-keys.ts";

export { AuthService } from "./service.ts";

export default {
  fetch: app.fetch,
  scheduled: async (_controller, env) => {
    const log = createLog(WITHOUT_RAY);
    try {
      const now = Date.now();
      log.info("swept", await sweep(env.DB, now));
      const { configured } = isolateFor(env);
      if ("config" in configured && (await rotateKeys(env.DB, configured.config.keyring, now))) {
        log.info("signing_key_made");
      }
    } catch (error) {
      log.error("schedule_failed", describeError(error));
      throw error;
    }
  },
} satisfies ExportedHandler<Env>;
