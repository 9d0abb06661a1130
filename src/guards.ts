import type { Next } from "hono";
import type { AppContext } from "./context.ts";
import { corsHeaders, preflightHeaders } from "./frontends/cors.ts";
import { isSafeMethod, mayChangeState } from "./frontends/cross-site-requests.ts";
import { isolateFor } from "./isolate.ts";
import { createLog, describeError } from "./lib/log.ts";
import { STANDARD_HEADERS } from "./lib/standard-headers.ts";
import { refuse } from "./pages/respond.ts";

/** These answer with redirects to other hosts, which no script has any business reading. */
const REDIRECTING = new Set(["/login/kakao", "/login/kakao/callback"]);

/** What every answer has, an error of ours included: a log, and the headers that all answers carry. */
export const beginAnswer = (c: AppContext): void => {
  c.set(
    "log",
    createLog(() => c.req.header("CF-Ray") ?? null),
  );
  for (const [name, value] of STANDARD_HEADERS) c.header(name, value);
};

/** Log, headers and configuration; with a bad configuration there is no other answer. */
export const prepare = async (c: AppContext, next: Next): Promise<Response | undefined> => {
  beginAnswer(c);
  const { configured, memory } = isolateFor(c.env);
  if ("problems" in configured) return refuse(c, { kind: "misconfigured", ...configured });
  c.set("config", configured.config);
  c.set("memory", memory);
  await next();
  return undefined;
};

/** CORS for front ends, on errors too; answers preflights without asking anybody. */
export const shareWithFrontends = async (c: AppContext, next: Next): Promise<Response | undefined> => {
  const origin = c.req.header("Origin") ?? null;
  const redirecting = REDIRECTING.has(c.req.path);
  const headers = redirecting ? {} : corsHeaders(c.get("config"), origin);
  if (c.req.method === "OPTIONS" && c.req.header("Access-Control-Request-Method") && !redirecting) {
    const allowed = "Access-Control-Allow-Origin" in headers;
    return c.body(null, 204, {
      ...headers,
      ...(allowed && preflightHeaders(["GET", "POST", "DELETE"])),
      Vary: "Origin",
    });
  }
  // Before the answer is made: afterwards each header would make Hono build the answer anew.
  c.header("Vary", "Origin");
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  await next();
  if (isRedirect(c.res.status)) for (const name of Object.keys(headers)) c.header(name, undefined);
  return undefined;
};

const isRedirect = (status: number): boolean => status >= 300 && status < 400 && status !== 304;

/** Refuses requests that another site made a browser send, before anything is read or changed. */
export const guardAgainstForgery = async (c: AppContext, next: Next): Promise<Response | undefined> => {
  if (isSafeMethod(c.req.method)) {
    await next();
    return undefined;
  }
  const source = {
    method: c.req.method,
    origin: c.req.header("Origin") ?? null,
    secFetchSite: c.req.header("Sec-Fetch-Site") ?? null,
    hasCookie: c.req.header("Cookie") !== undefined,
  };
  if (!mayChangeState(c.get("config"), source)) return refuse(c, { kind: "invalid_origin" });
  await next();
  return undefined;
};

/** Asks the rate limit, if one is bound, by the address that Cloudflare saw; a header of the caller's own never counts. */
export const limitLogins = async (c: AppContext, next: Next): Promise<Response | undefined> => {
  const address = c.req.header("CF-Connecting-IP");
  if (c.env.LOGIN_LIMIT && address !== undefined) {
    try {
      const { success } = await c.env.LOGIN_LIMIT.limit({ key: address });
      if (!success) return refuse(c, { kind: "rate_limited" });
    } catch (error) {
      // A limiter that is out of order must not keep everybody out.
      c.get("log").warn("rate_limit_failed", describeError(error));
    }
  }
  await next();
  return undefined;
};

/** A link scanner that sends HEAD must neither start a login nor burn a code. */
export const headHasNoEffect = async (c: AppContext, next: Next): Promise<Response | undefined> => {
  if (c.req.method === "HEAD") return c.body(null, 204);
  await next();
  return undefined;
};
