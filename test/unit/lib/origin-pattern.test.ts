import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSecureUrl, matchesOrigin, parseOriginPattern } from "../../../src/lib/origin-pattern.ts";
import { isPublicSuffix } from "../../../src/lib/public-suffix/is-public-suffix.ts";

const wildcard = (parent: string, protocol = "https:", port = "") => ({ kind: "wildcard", protocol, parent, port });
const exact = (origin: string) => ({ kind: "exact", origin });

describe("parseOriginPattern() takes", () => {
  test.each([
    ["https://app.example.com", exact("https://app.example.com")],
    ["https://app.example.com:8443", exact("https://app.example.com:8443")],
    ["https://example.com", exact("https://example.com")],
    ["https://192.0.2.7", exact("https://192.0.2.7")],
    ["https://[2001:db8::1]", exact("https://[2001:db8::1]")],
    ["https://xn--hp4bo76a.com", exact("https://xn--hp4bo76a.com")],
    ["https://myproject.pages.dev", exact("https://myproject.pages.dev")],
    ["http://localhost:5173", exact("http://localhost:5173")],
    ["http://localhost", exact("http://localhost")],
    ["http://127.0.0.1:3000", exact("http://127.0.0.1:3000")],
    ["http://[::1]:3000", exact("http://[::1]:3000")],
    ["https://*.example.com", wildcard("example.com")],
    ["https://*.previews.example.com:8443", wildcard("previews.example.com", "https:", "8443")],
    ["https://*.myproject.pages.dev", wildcard("myproject.pages.dev")],
    ["https://*.shop.co.kr", wildcard("shop.co.kr")],
  ])("%s", (entry, pattern) => {
    expect(parseOriginPattern(entry)).toEqual(pattern);
  });
});

describe("parseOriginPattern() refuses, and says how to write it,", () => {
  const rows: [reason: string, entry: string, hint: string][] = [
    ["a trailing slash", "https://app.example.com/", "write https://app.example.com"],
    ["a path", "https://app.example.com/login", "write https://app.example.com"],
    ["a query", "https://app.example.com?x", "write https://app.example.com"],
    ["a fragment", "https://app.example.com#x", "write https://app.example.com"],
    ["the default port", "https://app.example.com:443", "write https://app.example.com"],
    ["capitals", "https://App.example.com", "write https://app.example.com"],
    ["a name beyond ASCII", "https://쇼핑.com", "write https://xn--hp4bo76a.com"],
    ["a number for an address", "https://3221225991", "write https://192.0.2.7"],
    ["http: on a real host (CWE-319)", "http://app.example.com", "https: origin"],
    ["no scheme", "app.example.com", "https: origin"],
    ["another scheme", "ftp://app.example.com", "https: origin"],
    ["a script", "javascript:alert(1)", "https: origin"],
    ["null", "null", "https: origin"],
    ["no host", "https://", "https: origin"],
    ["all of the web", "*", "whole first label"],
    ["all hosts", "https://*", "whole first label"],
    ["part of a label", "https://app-*.example.com", "whole first label"],
    ["a wildcard inside", "https://app.*.example.com", "whole first label"],
    ["two wildcards", "https://*.*.example.com", "whole first label"],
    ["a wildcard for the scheme", "*://app.example.com", "whole first label"],
    ["a wildcard for the port", "https://app.example.com:*", "whole first label"],
    ["a path behind a wildcard", "https://*.example.com/", "write https://*.example.com"],
    ["http: behind a wildcard", "http://*.example.com", "https: origin"],
    ["a wildcard over an address", "https://*.192.0.2.7", "anybody"],
  ];
  test.each(rows)("%s: %s", (_, entry, hint) => {
    expect(parseOriginPattern(entry)).toEqual({ problem: expect.stringContaining(hint) });
  });

  test.each([
    "https://*.com",
    "https://*.kr",
    "https://*.co.kr",
    "https://*.pages.dev",
    "https://*.workers.dev",
    "https://*.github.io",
    "https://*.vercel.app",
    "https://*.netlify.app",
    "https://*.web.app",
    "https://*.herokuapp.com",
    "https://*.compute.amazonaws.com",
    "https://*.xn--3e0b707e",
    "https://*.xn--55qx5d.cn",
    "https://*.unknown-top-level-name",
    "https://*.pages.dev.",
    "https://*.co.kr.",
  ])("a wildcard where anybody can register a name (CWE-346): %s", (entry) => {
    expect(parseOriginPattern(entry)).toEqual({ problem: expect.stringContaining("anybody") });
  });

  test("property: any text is a pattern or a problem, never an error; a pattern never says http: but on loopback", () => {
    const piece = fc.constantFrom(
      "https://",
      "http://",
      "*",
      ".",
      "a",
      "example.com",
      "localhost",
      ":80",
      "/",
      "@",
      "\\",
      "[",
      "%",
      " ",
    );
    const entry = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 7 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(entry, (text) => {
        const pattern = parseOriginPattern(text);
        if ("problem" in pattern) return;
        if (pattern.kind === "exact") expect(isSecureUrl(new URL(pattern.origin))).toBe(true);
        else expect(isPublicSuffix(pattern.parent)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("matchesOrigin() of https://*.example.com", () => {
  const pattern = wildcard("example.com") as Parameters<typeof matchesOrigin>[0];
  test.each([
    ["https://a.example.com/", true],
    ["https://pr-7.example.com/path?x#y", true],
    ["https://xn--hp4bo76a.example.com/", true],
    ["https://example.com/", false],
    ["https://a.b.example.com/", false],
    ["https://.example.com/", false],
    ["https://*.example.com/", false],
    ["https://a!b.example.com/", false],
    ["https://a..example.com/", false],
    ["https://a.example.com./", false],
    ["https://a.example.com:8443/", false],
    ["http://a.example.com/", false],
    ["https://aexample.com/", false],
    ["https://a.example.com.evil.test/", false],
    ["https://evil.test/a.example.com", false],
    ["https://a.example.com@evil.test/", false],
  ])("%s: %s", (address, matches) => {
    expect(matchesOrigin(pattern, new URL(address))).toBe(matches);
  });
});

test.each([
  ["https://app.example.com", true],
  ["http://localhost:1", true],
  ["http://127.0.0.1", true],
  ["http://[::1]", true],
  ["http://app.localhost", false],
  ["http://127.0.0.2", false],
  ["http://localhost.evil.test", false],
  ["http://example.com", false],
  ["wss://example.com", false],
  ["blob:https://example.com/1", false],
])("isSecureUrl(%s) is %s", (address, secure) => {
  expect(isSecureUrl(new URL(address))).toBe(secure);
});
