import type { Frontends } from "../../../src/frontends/origins.ts";
import { parseOriginPattern } from "../../../src/lib/origin-pattern.ts";

export const AUTH = "https://auth.shop.test";

/** A configuration's front ends, as the operator would write them. */
export const frontendsOf = (...entries: string[]): Frontends => ({
  authOrigin: AUTH,
  frontends: entries.map((entry) => {
    const pattern = parseOriginPattern(entry);
    if ("problem" in pattern) throw new TypeError(pattern.problem);
    return pattern;
  }),
});

/** An exact one, one on another port, a wildcard, one for development, and a wildcard that covers the auth host too. */
export const OURS = frontendsOf(
  "https://app.shop.test",
  "https://shop.example.co.kr:8443",
  "https://*.previews.partner.test",
  "http://localhost:5173",
  "https://*.shop.test",
);

/** Every origin that {@link OURS} allows, but for names under a wildcard. */
export const isOurs = (origin: string): boolean =>
  origin === "https://shop.example.co.kr:8443" ||
  origin === "http://localhost:5173" ||
  (/^https:\/\/[^./:]+\.(?:previews\.partner|shop)\.test$/.test(origin) && origin !== AUTH);

/** Pieces that addresses and their tricks are made of. */
export const PIECES = [
  "https://",
  "http://",
  "https:",
  "HTTPS://",
  "//",
  "/",
  "\\",
  "app.shop.test",
  "auth.shop.test",
  "a.previews.partner.test",
  "previews.partner.test",
  "localhost:5173",
  "evil.test",
  "@",
  ":",
  ".",
  "?",
  "#",
  "%2f",
  "%00",
  "%2e",
  "\t",
  "\n",
  " ",
  "\u0000",
  "。",
  "／",
  "javascript:",
  "blob:",
  "data:",
  "*",
  "[::1]",
  "user:pass@",
  "null",
];
