import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { AppContext } from "../context.ts";
import { randomText } from "../lib/hash.ts";
import { contentSecurityPolicy } from "./content-security-policy.ts";
import { errorPage } from "./error.ts";
import { type Failure, wireOf } from "./failure.ts";
import { chooseLanguage, switchLanguageHref } from "./language.ts";
import type { Html, PageFrame } from "./layout.ts";

/** Reverse proxies read the status of this path alone; some would hand a body on to the visitor. */
const BODILESS = "/session/verify";

/** Whether a person is looking: they get a page where a program gets JSON. */
const isNavigation = (c: AppContext): boolean =>
  c.req.header("Sec-Fetch-Mode") === "navigate" || (c.req.header("Accept") ?? "").includes("text/html");

/**
 * Answers with a hosted page in the reader's language.
 *
 * @param formActionOrigins origins to which a form on the page may lead, beside our own
 */
export const page = async (
  c: AppContext,
  render: (frame: PageFrame) => Html,
  { status = 200, formActionOrigins = [] }: { status?: ContentfulStatusCode; formActionOrigins?: string[] } = {},
): Promise<Response> => {
  const url = new URL(c.req.url);
  const language = chooseLanguage(url.searchParams.get("lang"), c.req.header("Accept-Language") ?? null);
  const nonce = randomText();
  c.header("Content-Security-Policy", contentSecurityPolicy(nonce, formActionOrigins));
  c.header("Vary", "Accept-Language", { append: true });
  const switchHref = isRepeatable(c, url) ? switchLanguageHref(url, language) : null;
  return c.html(await render({ language, nonce, switchHref }), status);
};

/**
 * The one place where a failure becomes an answer: a log line for the operator, a page for a person, JSON for a
 * program. Page and log share a reference.
 *
 * @param retryHref where trying again makes sense, for the page
 */
export const refuse = (
  c: AppContext,
  failure: Failure,
  retryHref: string | null = null,
): Response | Promise<Response> => {
  const wire = wireOf(failure);
  const log = c.get("log");
  log[wire.level](wire.code, {
    ...wire.facts,
    method: c.req.method,
    path: c.req.path.slice(0, 200),
    status: wire.status,
  });
  for (const [name, value] of Object.entries(wire.headers ?? {})) c.header(name, value);
  if (c.req.path === BODILESS) return c.body(null, wire.status);
  if (!isNavigation(c)) return c.json({ error: wire.code, error_description: wire.description }, wire.status);
  const { code, description: detail, status } = wire;
  return page(c, (frame) => errorPage(frame, { code, detail, reference: log.reference, retryHref }), { status });
};

/** Opening a callback or the answer of a form again would do something else than show it in another language. */
const isRepeatable = (c: AppContext, url: URL): boolean =>
  (c.req.method === "GET" || c.req.method === "HEAD") && url.pathname !== "/login/kakao/callback";
