import { type Frontends, isFrontendOrigin } from "./origins.ts";

/** A day, the longest that a browser honours in part: a preflight costs a round trip before each first call. */
const PREFLIGHT_SECONDS = 86_400;

/**
 * CORS headers for an answer to `origin`: that exact origin for a front end, nothing at all for anybody else.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export const corsHeaders = (frontends: Frontends, origin: string | null): Record<string, string> =>
  origin !== null && isFrontendOrigin(frontends, origin)
    ? { "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true" }
    : {};

/** What a preflight adds for a front end. Answered from the configuration alone. */
export const preflightHeaders = (methods: readonly string[]): Record<string, string> => ({
  "Access-Control-Allow-Methods": methods.join(", "),
  "Access-Control-Allow-Headers": "Authorization, Content-Type",
  "Access-Control-Max-Age": String(PREFLIGHT_SECONDS),
});
