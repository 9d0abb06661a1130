import { version } from "../../package.json";
import { CLIENT_INTEGRITY, CLIENT_SCRIPT } from "../client/dist/served.ts";
import type { AppContext } from "../context.ts";

/** An hour: a page keeps working with the client of an hour ago. */
const CACHE = "public, max-age=3600";

/** An address that names the version it got never changes. */
const CACHE_FOR_EVER = "public, max-age=31536000, immutable";

/**
 * `GET /client.js`: the browser client as an ES module. `?v=` with the running version may be kept for ever and pinned
 * by its integrity (Subresource Integrity); any other address is asked for again after an hour.
 */
export const showClientScript = (c: AppContext): Response => {
  const tag = `"${CLIENT_INTEGRITY}"`;
  c.header("Cache-Control", c.req.query("v") === version ? CACHE_FOR_EVER : CACHE);
  c.header("ETag", tag);
  if (c.req.header("If-None-Match") === tag) return c.body(null, 304);
  c.header("Content-Type", "text/javascript; charset=utf-8");
  return c.body(CLIENT_SCRIPT);
};
