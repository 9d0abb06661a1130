import fc from "fast-check";
import { getPublicSuffix } from "tldts";
import { describe, expect, test } from "vitest";
import { readRules } from "../../../src/lib/public-suffix/build.ts";
import { isPublicSuffix } from "../../../src/lib/public-suffix/is-public-suffix.ts";

/** The judgement of tldts, which the Worker does without. */
const isPublicSuffixToTldts = (hostname: string): boolean =>
  getPublicSuffix(hostname, { allowPrivateDomains: true }) === hostname.replace(/\.$/, "");

const rules = readRules();

/** A host name that a rule speaks of, with a name for its `*`. */
const hostOf = (labels: readonly string[]): string => labels.toReversed().join(".").replace("*", "any-name");

const parentOf = (hostname: string): string => hostname.slice(hostname.indexOf(".") + 1);

/** The host names on which both judge differently: none, or the test shows them. */
const disputed = (hostnames: Iterable<string>): string[] =>
  [...new Set(hostnames)].filter((hostname) => isPublicSuffix(hostname) !== isPublicSuffixToTldts(hostname));

describe("anybody can register a name below", () => {
  test.each([
    "com",
    "kr",
    "co.kr",
    "or.kr",
    "seoul.kr",
    "busan.kr",
    "pages.dev",
    "workers.dev",
    "vercel.app",
    "netlify.app",
    "github.io",
    "web.app",
    "herokuapp.com",
    "co.uk",
    "s3.amazonaws.com",
    "execute-api.ap-northeast-2.amazonaws.com",
    "compute.amazonaws.com",
    "any-name.compute.amazonaws.com",
    "any-name.ck",
    "kawasaki.jp",
    "any-name.kawasaki.jp",
    "xn--3e0b707e",
    "xn--55qx5d.cn",
    "1.bg",
    "not-a-known-top-level-name",
    "localhost",
    "com.",
    "co.kr.",
    "pages.dev.",
    "any-name.ck.",
  ])("%s", (hostname) => {
    expect(isPublicSuffix(hostname)).toBe(true);
    expect(isPublicSuffixToTldts(hostname)).toBe(true);
  });
});

describe("names belong to somebody below", () => {
  test.each([
    "example.com",
    "shop.co.kr",
    "shop.seoul.kr",
    "myproj.pages.dev",
    "preview.myproj.pages.dev",
    "myproj.vercel.app",
    "xn--hp4bo76a.com",
    "xn--hp4bo76a.co.kr",
    "xn--hp4bo76a.xn--3e0b707e",
    "amazonaws.com",
    "ap-northeast-2.amazonaws.com",
    "any-name.any-name.compute.amazonaws.com",
    "www.ck",
    "city.kawasaki.jp",
    "a.city.kawasaki.jp",
    "www.ck.",
    "city.kawasaki.jp.",
    "a.b.not-a-known-top-level-name",
    "pages.dev.example.com",
    "xpages.dev",
    "dev.pages",
    "192.0.2.7",
    "127.0.0.1",
    "[2001:db8::1]",
    "[::1]",
  ])("%s", (hostname) => {
    expect(isPublicSuffix(hostname)).toBe(false);
    expect(isPublicSuffixToTldts(hostname)).toBe(false);
  });
});

describe("on the whole list", { timeout: 120_000 }, () => {
  const hosts = rules.suffixes.map(hostOf);

  test("every rule is a suffix", () => {
    expect(hosts.length).toBeGreaterThan(10_000);
    expect(hosts.filter((hostname) => !isPublicSuffix(hostname))).toEqual([]);
    expect(hosts.filter((hostname) => !isPublicSuffixToTldts(hostname))).toEqual([]);
  });

  test("every rule with one label more in front is judged as by tldts", () => {
    expect(disputed(hosts.map((hostname) => `any-name.${hostname}`))).toEqual([]);
  });

  test("every rule without its first label is judged as by tldts", () => {
    expect(disputed(hosts.map(parentOf))).toEqual([]);
  });

  test("every exception belongs to somebody, and so do the names below it", () => {
    const exceptions = rules.exceptions.map(hostOf);
    expect(exceptions).toContain("city.kawasaki.jp");
    expect(exceptions.filter(isPublicSuffix)).toEqual([]);
    expect(exceptions.map((hostname) => `any-name.${hostname}`).filter(isPublicSuffix)).toEqual([]);
  });

  test("the neighbours of every exception are suffixes", () => {
    const neighbours = rules.exceptions.map(hostOf).flatMap((exception) => {
      const label = exception.slice(0, exception.indexOf("."));
      return ["any-name", `x${label}`, `${label}x`, label.slice(1)].map((name) => `${name}.${parentOf(exception)}`);
    });
    expect(neighbours.filter((hostname) => !isPublicSuffix(hostname))).toEqual([]);
    expect(disputed([...neighbours, ...rules.exceptions.map(hostOf).map(parentOf)])).toEqual([]);
  });
});

describe("property:", () => {
  const rule = fc.constantFrom(...rules.suffixes, ...rules.exceptions);
  const label = fc
    .tuple(rule, fc.nat())
    .map(([labels, at]) => labels[at % labels.length] ?? "")
    .map((text) => text.replace("*", "any-name"));

  test("names of the list's own labels, in any order, are judged as by tldts", () => {
    const hostname = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join("."));
    fc.assert(
      fc.property(hostname, (name) => disputed([name]).length === 0),
      { numRuns: 2_000 },
    );
  });

  test("what registries commonly keep below two letters is judged as by tldts, whatever was read from its tables", () => {
    const letter = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz");
    const common = fc.constantFrom("co", "com", "net", "org", "edu", "gov", "ac", "or", "ne", "go", "mil", "any-name");
    fc.assert(
      fc.property(
        common,
        letter,
        letter,
        (name, first, second) => disputed([`${name}.${first}${second}`]).length === 0,
      ),
      { numRuns: 2_000 },
    );
  });

  test("names that begin to follow a rule and leave it are judged as by tldts", () => {
    const hostname = fc
      .tuple(rule, fc.integer({ min: 1, max: 5 }), fc.array(label, { maxLength: 2 }), fc.constantFrom("", "."))
      .map(([labels, kept, strange, dot]) => hostOf([...labels.slice(0, kept), ...strange]) + dot);
    fc.assert(
      fc.property(hostname, (name) => disputed([name]).length === 0),
      { numRuns: 2_000 },
    );
  });

  test("a part of a label is not the label", () => {
    fc.assert(
      fc.property(rule, fc.nat(), fc.boolean(), (labels, at, fromStart) => {
        const [first = "", ...others] = hostOf(labels).split(".");
        const length = 1 + (at % first.length);
        const part = (fromStart ? first.slice(0, length) : first.slice(-length)).replace(/^-+|-+$/g, "x");
        return disputed([[part, ...others].join(".")]).length === 0;
      }),
      { numRuns: 2_000 },
    );
  });

  test("on names that cannot exist it is at least as strict as tldts, and never fails", () => {
    const piece = fc.oneof(label, fc.constantFrom("", "*", "!", "(", ")", "[", "]", "A", "a!b", "x".repeat(64)));
    const hostname = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join("."));
    fc.assert(
      fc.property(fc.oneof(hostname, fc.string()), (name) => {
        const judgement = isPublicSuffix(name);
        return judgement || !isPublicSuffixToTldts(name.toLowerCase());
      }),
      { numRuns: 2_000 },
    );
  });
});
