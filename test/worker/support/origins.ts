import { PARTNER, SHOP } from "./worker.ts";

/** Values of `Origin` that the test deployment lists, the wildcard's among them. */
export const ALLOWED = [
  SHOP,
  PARTNER,
  "https://branch-7.previews.partner.test",
  "https://xn--9d0bm53a.previews.partner.test",
  "http://localhost:5173",
];

/** Values that it does not list; most of them try to look as if it did. */
export const FOREIGN: [why: string, origin: string][] = [
  ["another site", "https://evil.test"],
  ["an opaque origin", "null"],
  ["nothing", ""],
  ["a listed host without TLS", "http://app.shop.test"],
  ["a listed host on another port", "https://app.shop.test:8443"],
  ["a default port spelled out", "https://app.shop.test:443"],
  ["a listed host with a trailing dot", "https://app.shop.test."],
  ["a listed origin with a path", "https://app.shop.test/"],
  ["a listed origin in capitals", "HTTPS://APP.SHOP.TEST"],
  ["a listed origin behind a user name", "https://user@app.shop.test"],
  ["a listed origin as a user name", "https://app.shop.test@evil.test"],
  ["a listed host as a prefix", "https://app.shop.test.evil.test"],
  ["a listed host as a suffix", "https://evilapp.shop.test"],
  ["the parent of a listed host", "https://shop.test"],
  ["a child of a listed host", "https://x.app.shop.test"],
  ["the wildcard's parent", "https://previews.partner.test"],
  ["two labels under the wildcard", "https://a.b.previews.partner.test"],
  ["no label under the wildcard", "https://.previews.partner.test"],
  ["the wildcard's parent as a suffix", "https://evilpreviews.partner.test"],
  ["the wildcard without TLS", "http://a.previews.partner.test"],
  ["the wildcard on another port", "https://a.previews.partner.test:8443"],
  ["a dot that is none", "https://appXshop.test"],
  ["localhost on another port", "http://localhost:5174"],
  ["loopback by its number", "http://127.0.0.1:5173"],
  ["two origins", "https://app.shop.test https://evil.test"],
  ["two origins by comma", "https://app.shop.test, https://evil.test"],
  ["a blob", "blob:https://app.shop.test"],
  ["a file", "file://"],
  ["an extension", "chrome-extension://abcdefghijklmnop"],
];
