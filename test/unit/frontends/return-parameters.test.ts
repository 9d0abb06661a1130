import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withParameters } from "../../../src/frontends/return-parameters.ts";

const ERROR = { error: "access_denied" };

describe("withParameters()", () => {
  test.each([
    ["no query", "https://app.shop.test/", "https://app.shop.test/?error=access_denied"],
    ["a query", "https://app.shop.test/?a=1", "https://app.shop.test/?a=1&error=access_denied"],
    ["an empty query", "https://app.shop.test/?", "https://app.shop.test/?error=access_denied"],
    ["a fragment", "https://app.shop.test/#top", "https://app.shop.test/?error=access_denied#top"],
    ["query and fragment", "https://app.shop.test/?a=1#top", "https://app.shop.test/?a=1&error=access_denied#top"],
    ["an empty fragment", "https://app.shop.test/#", "https://app.shop.test/?error=access_denied#"],
    [
      "a query inside the fragment",
      "https://app.shop.test/#/x?error=1",
      "https://app.shop.test/?error=access_denied#/x?error=1",
    ],
    ["two number signs", "https://app.shop.test/#a#b", "https://app.shop.test/?error=access_denied#a#b"],
    ["two question marks", "https://app.shop.test/?a=b?c", "https://app.shop.test/?a=b?c&error=access_denied"],
    ["a port", "http://localhost:5173/", "http://localhost:5173/?error=access_denied"],
  ])("with %s", (_, href, expected) => {
    expect(withParameters(href, ERROR)).toBe(expected);
  });

  test.each([
    ["without a value", "?a"],
    ["an empty value", "?a="],
    ["encoded as %20", "?a=%20"],
    ["encoded as +", "?a=+"],
    ["lower and upper case escapes", "?a=%c3%A4"],
    ["a broken escape", "?a=%zz"],
    ["characters that need no escape", "?a=!$'()*,/:;@"],
    ["twice the same name", "?a=1&a=2"],
    ["an equals sign inside", "?a=b=c"],
    ["brackets", "?a[0]=1&a[1]=2"],
    ["a name that only begins alike", "?errors=1&error_=2&xerror=3"],
    ["names of every object (CWE-1321)", "?constructor=1&__proto__=2&toString=3&hasOwnProperty=4"],
    ["an empty pair", "?a=1&&b=2"],
    ["an ampersand at the end", "?a=1&"],
    ["a second question mark before our name", "??error=1"],
    ["a question mark before our name, further on", "?a=1&?error=2"],
  ])("leaves the front end's own query as it is, byte by byte: %s %s", (_, query) => {
    const result = withParameters(`https://app.shop.test/${query}#f`, ERROR);
    expect(result.startsWith(`https://app.shop.test/${query}`)).toBe(true);
    expect(result).toMatch(/error=access_denied#f$/);
  });

  test.each([
    ["plainly", "?error=old"],
    ["without a value", "?error"],
    ["twice", "?error=1&error=2"],
    ["with its name escaped", "?%65rror=old"],
    ["escaped altogether", "?%65%72%72%6F%72=old"],
  ])("replaces a parameter of the same name, sent %s (CWE-235)", (_, query) => {
    expect(withParameters(`https://app.shop.test/${query}`, ERROR)).toBe("https://app.shop.test/?error=access_denied");
  });

  test("escapes what it adds: no value ends the query or adds a parameter", () => {
    const value = "a&admin=1#x y+z=%?/\"'<>서윤";
    const result = new URL(withParameters("https://app.shop.test/?a=1#f", { state: value }));
    expect([...result.searchParams]).toEqual([
      ["a", "1"],
      ["state", value],
    ]);
    expect(result.hash).toBe("#f");
  });
});

describe("property:", () => {
  const names = fc.constantFrom("error", "error_description", "state", "code", "iss");
  const parameters = fc.dictionary(names, fc.string({ unit: "grapheme" }), { minKeys: 1, maxKeys: 4 });
  const pair = fc.oneof(
    fc.tuple(fc.oneof(names, fc.webSegment()), fc.webSegment()).map(([name, value]) => `${name}=${value}`),
    fc.webQueryParameters(),
  );
  const href = fc
    .tuple(fc.webPath(), fc.array(pair, { maxLength: 4 }), fc.option(fc.webFragments()))
    .map(([path, pairs, fragment]) => {
      const query = pairs.length > 0 ? `?${pairs.join("&")}` : "";
      return new URL(`https://app.shop.test${path}${query}${fragment === null ? "" : `#${fragment}`}`).href;
    });

  test("each parameter arrives exactly once, at the same origin, path and fragment", () => {
    fc.assert(
      fc.property(href, parameters, (target, added) => {
        const [before, after] = [new URL(target), new URL(withParameters(target, added))];
        expect([after.origin, after.pathname, after.hash]).toEqual([before.origin, before.pathname, before.hash]);
        for (const [name, value] of Object.entries(added)) expect(after.searchParams.getAll(name)).toEqual([value]);
      }),
    );
  });

  test("every other parameter arrives as it was, in its order", () => {
    fc.assert(
      fc.property(href, parameters, (target, added) => {
        const others = (address: string) =>
          [...new URL(address).searchParams].filter(([name]) => !Object.hasOwn(added, name));
        expect(others(withParameters(target, added))).toEqual(others(target));
      }),
    );
  });

  test("doing it twice is doing it once", () => {
    fc.assert(
      fc.property(href, parameters, (target, added) => {
        const once = withParameters(target, added);
        expect(withParameters(once, added)).toBe(once);
      }),
    );
  });
});
