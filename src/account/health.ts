import { version } from "../../package.json";
import type { AppContext } from "../context.ts";
import { withDeadline } from "../lib/deadline.ts";
import { refuse } from "../pages/respond.ts";

/** `GET /health`: whether this version runs and its database answers. */
export const showHealth = async (c: AppContext): Promise<Response> => {
  try {
    // Reads a table of ours: a database without migrations is not a healthy one.
    await withDeadline(c.env.DB.prepare("SELECT id FROM user_session LIMIT 1").first());
  } catch (cause) {
    return refuse(c, { kind: "unavailable", cause });
  }
  return c.json({ status: "ok", version });
};
