import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Hono } from "hono";

const PAGE = readFileSync(join(import.meta.dirname, "page.html"), "utf8");

export type PlainFrontendOptions = {
  /** Where this front end is reached; a request under any other name is sent here. */
  origin: string;
  /** The Worker's origin. */
  authOrigin: string;
};

/**
 * A front end of one HTML page without a build step: everything that it takes to log people in with the
 * Worker is in page.html, which loads the client on another site alone. This app only puts the addresses in.
 */
export function plainFrontend({ origin, authOrigin }: PlainFrontendOptions): Hono {
  const login = `${authOrigin}/login/kakao?redirect_to=${encodeURIComponent(`${origin}/`)}`;
  const page = PAGE.replaceAll("%AUTH_ORIGIN%", authOrigin)
    .replaceAll("%ORIGIN%", origin)
    .replaceAll("%LOGIN%", login)
    .replaceAll("%OTHER_SITE%", String(!isSameSite(origin, authOrigin)));

  const app = new Hono();
  app.use(async (c, next) => {
    const url = new URL(c.req.url);
    // `localhost` and `127.0.0.1` lead to the same server, but cookies and the Worker's list tell them apart.
    if (url.origin !== origin) {
      return c.redirect(`${origin}${url.pathname}${url.search}`);
    }
    await next();
  });
  app.get("*", (c) => c.html(page, 200, { "Cache-Control": "no-store" }));
  return app;
}

/** Whether two origins of this demo share a site; the last two labels are enough for `.test` names and `localhost`. */
function isSameSite(one: string, other: string): boolean {
  const site = (origin: string) => {
    const { protocol, hostname } = new URL(origin);
    return `${protocol}//${/^[\d.]+$/.test(hostname) ? hostname : hostname.split(".").slice(-2).join(".")}`;
  };
  return site(one) === site(other);
}
