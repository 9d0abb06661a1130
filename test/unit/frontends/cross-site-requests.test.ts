import { describe, expect, test } from "vitest";
import { mayChangeState, type RequestSource } from "../../../src/frontends/cross-site-requests.ts";
import { AUTH, OURS } from "./our-frontends.ts";

const UNSAFE = ["POST", "PUT", "PATCH", "DELETE"];

/** What a form on another site makes a browser send. */
const FORGED: RequestSource = {
  method: "POST",
  origin: "https://evil.test",
  secFetchSite: "cross-site",
  hasCookie: true,
};

describe("cross-site request forgery (CWE-352)", () => {
  const rows: [name: string, source: Partial<RequestSource>, allowed: boolean][] = [
    ["a form on another site", {}, false],
    ["the same without a cookie", { hasCookie: false }, false],
    ["a sandboxed frame", { origin: "null" }, false],
    ["a sandboxed frame without a cookie", { origin: "null", hasCookie: false }, false],
    ["an empty Origin", { origin: "" }, false],
    ["a front end", { origin: "https://app.shop.test", secFetchSite: "same-site" }, true],
    ["a front end on another site", { origin: "https://a.previews.partner.test" }, true],
    ["a front end, in a browser without fetch metadata", { origin: "https://app.shop.test", secFetchSite: null }, true],
    ["a page of our own", { origin: AUTH, secFetchSite: "same-origin" }, true],
    ["the auth host over http:", { origin: AUTH.replace("https:", "http:") }, false],
    ["a sibling host that nobody listed", { origin: "https://evil.partner.test", secFetchSite: "same-site" }, false],
    ["a foreign Origin that claims to be our own page", { secFetchSite: "same-origin" }, false],
    ["no Origin, from our own page", { origin: null, secFetchSite: "same-origin" }, true],
    ["no Origin, from another site", { origin: null, secFetchSite: "cross-site" }, false],
    ["no Origin, from a sibling host", { origin: null, secFetchSite: "same-site" }, false],
    ["no Origin, typed by the person", { origin: null, secFetchSite: "none" }, false],
    ["no Origin, no metadata, a cookie", { origin: null, secFetchSite: null }, false],
    ["a program without cookies", { origin: null, secFetchSite: null, hasCookie: false }, true],
    ["no Origin from another site, without a cookie", { origin: null, hasCookie: false }, true],
    ["metadata in another case", { origin: null, secFetchSite: "Same-Origin" }, false],
  ];
  test.each(rows)("%s", (_, source, allowed) => {
    for (const method of UNSAFE) expect(mayChangeState(OURS, { ...FORGED, ...source, method })).toBe(allowed);
  });
});

test.each(["GET", "HEAD", "OPTIONS"])("%s changes nothing, so that anybody may send it", (method) => {
  expect(mayChangeState(OURS, { ...FORGED, method })).toBe(true);
});

test.each(["", "get", "TRACE", "CONNECT", "PROPFIND", "QUERY", "X"])(
  "an unknown method is an unsafe one: %j",
  (method) => {
    expect(mayChangeState(OURS, { ...FORGED, method })).toBe(false);
  },
);
