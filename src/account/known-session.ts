import type { Next } from "hono";
import type { Config } from "../config.ts";
import type { AppContext } from "../context.ts";
import { corsHeaders } from "../frontends/cors.ts";
import { isolateFor } from "../isolate.ts";
import { STANDARD_HEADERS } from "../lib/standard-headers.ts";
import { isDue } from "../session/check/feed.ts";
import { type Asker, findKnown, type Known, mayAnswer } from "../session/check/known.ts";
import { refreshLater } from "../session/check/quick-check.ts";
import { readAsked } from "../session/credential.ts";
import { openPrimary } from "../session/database.ts";

type Header = readonly [name: string, value: string];

/** How a route answers for a session that is known; `headers`: those that are the same for everybody who asks from there. */
type KnownAnswer = {
  readonly asker: Asker;
  readonly headers: (source: Known["source"]) => readonly Header[];
  readonly respond: (known: Known, headers: Headers) => Response;
};

/**
 * A route's answer where nobody has to be asked. Every page view of every front end waits for it, so it stands before
 * the middleware, whose headers it carries ready-made; what it cannot answer goes on to the middleware.
 */
const answerKnown = (route: KnownAnswer) => {
  const headersFor = prepareHeaders(route);
  return (c: AppContext, next: Next): Response | Promise<Response> => {
    const { configured, memory } = isolateFor(c.env);
    if ("problems" in configured || c.req.method !== "GET") return goOn(c, next);
    const { config } = configured;
    const { headers } = c.req.raw;
    const asked = readAsked(config.cookieDomain, headers);
    if (asked === null) {
      c.set("known", null);
      return goOn(c, next);
    }
    const { keyring, authOrigin: issuer, revocationLag: lag } = config;
    const answer = (found: Known | null): Response | Promise<Response> => {
      const now = Date.now();
      // While D1 cannot be reached the answer says so, which takes another header.
      if (found === null || memory.feed.isUnreachable || !mayAnswer({ memory, lag }, found, now)) {
        c.set("known", { ...asked, found });
        return goOn(c, next);
      }
      if (isDue(memory.feed, lag, now)) {
        const db = openPrimary(c.env.DB, config);
        refreshLater({ db, memory, waitUntil: (work) => c.executionCtx.waitUntil(work) });
      }
      return route.respond(found, headersFor(config, headers.get("Origin"), found.source));
    };
    const tools = { keyring, issuer, lag, memory, asker: route.asker };
    const found = findKnown(tools, asked.credential, asked.proof, Date.now());
    return found instanceof Promise ? found.then(answer) : answer(found);
  };
};

const goOn = async (c: AppContext, next: Next): Promise<Response> => {
  await next();
  return c.res;
};

/** Front ends whose headers are kept; wildcards can stand for any number of them. */
const MAXIMUM_PREPARED = 500;

/** Makes an answer's headers once for each front end: setting a dozen of them costs more than the check itself. */
export const prepareHeaders = ({ headers: own }: Pick<KnownAnswer, "headers">) => {
  const prepared = new WeakMap<Config, Map<string, Headers>>();
  return (config: Config, origin: string | null, source: Known["source"]): Headers => {
    const known = prepared.get(config) ?? new Map<string, Headers>();
    prepared.set(config, known);
    const key = `${source} ${origin ?? ""}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const cors = corsHeaders(config, origin);
    const headers = new Headers();
    for (const [name, value] of [...STANDARD_HEADERS, ["Vary", "Origin"] as const, ...own(source)]) {
      headers.set(name, value);
    }
    for (const [name, value] of Object.entries(cors)) headers.set(name, value);
    // Strangers can send any number of origins, and are not worth the memory.
    const isWorthIt = origin === null || "Access-Control-Allow-Origin" in cors;
    if (isWorthIt && known.size < MAXIMUM_PREPARED) known.set(key, headers);
    return headers;
  };
};

/** `GET /session` for a session that is known. */
export const showKnownSession = answerKnown({
  asker: "browser",
  headers: (source) => [
    ["Content-Type", "application/json"],
    // No time passes in a Worker that waits for nothing.
    ["Server-Timing", `check;desc="${source}";dur=0`],
  ],
  respond: ({ remembered }, headers) => new Response(remembered.body, { headers }),
});

/** `GET /session/verify` for a session that is known: proxies ask it for every file of a page. */
export const verifyKnownSession = answerKnown({
  asker: "proxy",
  headers: () => [],
  respond: ({ remembered }, headers) => {
    const { user, session } = remembered.statement.signedIn;
    const answer = new Response(null, { status: 204, headers });
    answer.headers.set("X-Auth-User-Id", user.id);
    answer.headers.set("X-Auth-Session-Id", session.id);
    return answer;
  },
});
