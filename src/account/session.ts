import type { AppContext } from "../context.ts";
import { describeDatabaseError, OUTAGE_SECONDS } from "../pages/failure.ts";
import { refuse } from "../pages/respond.ts";
import { checkRequest } from "../session/check/request.ts";

/** `GET /session`: who is signed in. "Nobody" is a good answer, an outage is not one. */
export const showSession = async (c: AppContext): Promise<Response> => {
  const began = performance.now();
  const result = await checkRequest(c, "browser");
  const source = result.kind === "signed_in" ? result.source : result.kind;
  const check = `check;desc="${source}";dur=${Math.round(performance.now() - began)}`;
  // During an outage answers go on for the length of the lag; whoever looks should see that they do.
  const feed = c.get("memory").feed.isUnreachable ? ', feed;desc="unreachable"' : "";
  c.header("Server-Timing", check + feed);
  switch (result.kind) {
    case "signed_in":
      return c.body(result.body, 200, { "Content-Type": "application/json" });
    case "signed_out":
      return c.json({ user: null, session: null });
    case "unavailable":
      return refuse(c, result);
  }
};

/** `GET /session/verify`: the answer for reverse proxies. Everything is in the status and two headers. */
export const verifySession = async (c: AppContext): Promise<Response> => {
  const result = await checkRequest(c, "proxy");
  switch (result.kind) {
    case "signed_in":
      c.header("X-Auth-User-Id", result.signedIn.user.id);
      c.header("X-Auth-Session-Id", result.signedIn.session.id);
      return c.body(null, 204);
    case "signed_out":
      return c.body(null, 401);
    case "unavailable":
      c.get("log").error("temporarily_unavailable", describeDatabaseError(result.cause));
      c.header("Retry-After", OUTAGE_SECONDS);
      return c.body(null, 503);
  }
};
