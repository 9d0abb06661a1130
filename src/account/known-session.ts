import type { Next } from "hono";
import type { Config } from "../config.ts";
import type { AppContext } from "../context.ts";
import { corsHeaders } from "../frontends/cors.ts";
import { isolateFor } from "../isolate.ts";
import { STANDARD_HEADERS } from "../lib/standard-headers.ts";
import { type Known, mayAnswer } from "../session/known.ts";
import { refreshIfDue } from "../session/quick-check.ts";
import { findKnownOf } from "../session/request.ts";

/**
 * `GET /session` where nobody has to be asked. Every page view of every front end waits for this answer, so it stands
 * before the middleware, whose headers it carries ready-made; what it cannot answer goes on to the middleware.
 */
export const showKnownSession = (c: AppContext, next: Next): Response | Promise<Response> => {
  const { configured, memory } = isolateFor(c.env);
  if ("problems" in configured || c.req.method !== "GET") return goOn(c, next);
  const { config } = configured;
  const { headers } = c.req.raw;
  const answer = (known: Known | null): Response | Promise<Response> => {
    const now = Date.now();
    const lag = config.revocationLag;
    // While D1 cannot be reached the answer says so, which takes another header.
    if (known === null || memory.feed.isUnreachable || !mayAnswer({ memory, lag }, known, now)) {
      c.set("known", known);
      return goOn(c, next);
    }
    refreshIfDue({ db: c.env.DB, memory, lag, waitUntil: (work) => c.executionCtx.waitUntil(work) }, now);
    return new Response(known.remembered.body, { headers: headersFor(config, headers.get("Origin"), known.source) });
  };
  const known = findKnownOf(config, memory, headers, Date.now());
  return known instanceof Promise ? known.then(answer) : answer(known);
};

const goOn = async (c: AppContext, next: Next): Promise<Response> => {
  await next();
  return c.res;
};

/** Front ends whose headers are kept; wildcards can stand for any number of them. */
const MAXIMUM_PREPARED = 500;

const prepared = new WeakMap<Config, Map<string, Headers>>();

/** The answer's headers, made once for each front end: setting a dozen of them costs more than the check itself. */
const headersFor = (config: Config, origin: string | null, source: Known["source"]): Headers => {
  const known = prepared.get(config) ?? new Map<string, Headers>();
  prepared.set(config, known);
  const key = `${source} ${origin}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const cors = corsHeaders(config, origin);
  const headers = new Headers([
    ...STANDARD_HEADERS.map(([name, value]): [string, string] => [name, value]),
    ["Content-Type", "application/json"],
    ["Vary", "Origin"],
    // No time passes in a Worker that waits for nothing.
    ["Server-Timing", `check;desc="${source}";dur=0`],
    ...Object.entries(cors),
  ]);
  // Strangers can send any number of origins, and are not worth the memory.
  const isWorthIt = origin === null || "Access-Control-Allow-Origin" in cors;
  if (isWorthIt && known.size < MAXIMUM_PREPARED) known.set(key, headers);
  return headers;
};
