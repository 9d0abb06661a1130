import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { corsHeaders, preflightHeaders } from "../../../src/frontends/cors.ts";
import { isFrontendOrigin } from "../../../src/frontends/origins.ts";
import { AUTH, isOurs, OURS, PIECES } from "./our-frontends.ts";

const LISTED = [
  "https://app.shop.test",
  "https://other.shop.test",
  "https://shop.example.co.kr:8443",
  "https://pr-7.previews.partner.test",
  "http://localhost:5173",
];

const FOREIGN: [reason: string, origin: string][] = [
  ["a sandboxed frame, a file, a redirected POST", "null"],
  ["empty", ""],
  ["the auth host itself", AUTH],
  ["a stranger", "https://evil.test"],
  ["ours at its front", "https://app.shop.test.evil.test"],
  ["ours at its end", "https://evilapp-shop.test"],
  ["http:", "http://app.shop.test"],
  ["another port", "https://app.shop.test:8443"],
  ["without its port", "https://shop.example.co.kr"],
  ["a neighbour under a public suffix", "https://evil.co.kr:8443"],
  ["a trailing slash", "https://app.shop.test/"],
  ["a path", "https://app.shop.test/x"],
  ["a query", "https://app.shop.test?x"],
  ["the default port written out", "https://app.shop.test:443"],
  ["capitals", "https://APP.shop.test"],
  ["a dot at the end", "https://app.shop.test."],
  ["white space", " https://app.shop.test"],
  ["a second one", "https://app.shop.test https://evil.test"],
  ["a list", "https://app.shop.test, https://evil.test"],
  ["credentials", "https://user@app.shop.test"],
  ["empty credentials", "https://@app.shop.test"],
  ["a blob of ours", "blob:https://app.shop.test/4c0e"],
  ["the wildcard itself", "https://*.previews.partner.test"],
  ["the wildcard's parent", "https://previews.partner.test"],
  ["two labels under the wildcard", "https://a.b.previews.partner.test"],
  ["an empty label", "https://.previews.partner.test"],
  ["another loopback name", "http://127.0.0.1:5173"],
  ["another local port", "http://localhost:5174"],
  ["a homograph", "https://аpp.shop.test"],
  ["no scheme", "app.shop.test"],
  ["a star", "*"],
  ["a browser extension", "chrome-extension://abcdefghijklmnop"],
];

describe("isFrontendOrigin()", () => {
  test.each(LISTED)("%s is one", (origin) => {
    expect(isFrontendOrigin(OURS, origin)).toBe(true);
  });

  test.each(FOREIGN)("%s is none (CWE-346): %s", (_, origin) => {
    expect(isFrontendOrigin(OURS, origin)).toBe(false);
  });

  test("property: never throws, and only a listed origin, written as browsers write it, is one", () => {
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (origin) => {
        if (isFrontendOrigin(OURS, origin)) expect(isOurs(origin)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("CORS headers (https://fetch.spec.whatwg.org/#http-cors-protocol)", () => {
  test.each(LISTED)("name exactly %s", (origin) => {
    expect(corsHeaders(OURS, origin)).toEqual({
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Allow-Credentials": "true",
    });
  });

  test.each(FOREIGN)("are absent altogether for %s (CWE-942): %s", (_, origin) => {
    expect(corsHeaders(OURS, origin)).toEqual({});
  });

  test("are absent for a request without Origin", () => {
    expect(corsHeaders(OURS, null)).toEqual({});
  });

  test("of a preflight name the methods and no wildcard, which credentials would void", () => {
    const headers = preflightHeaders(["GET", "POST", "DELETE"]);
    expect(headers["Access-Control-Allow-Methods"]).toBe("GET, POST, DELETE");
    expect(Object.values(headers).join()).not.toContain("*");
    expect(Object.keys(headers)).not.toContain("Access-Control-Allow-Origin");
  });
});
