import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLater, readBookmark } from "../../../src/session/bookmark.ts";

const GOOD = "00000085-0000024c-00004c6d-8e61117bf38d7adb71b934ebbf891683";
const read = (value: string) => readBookmark(null, `__Host-session=s; __Host-bookmark=${value}`);

const hexadecimal = (length: number) =>
  fc.array(fc.constantFrom(..."0123456789abcdef"), { minLength: length, maxLength: length }).map((all) => all.join(""));
const bookmarks = fc
  .tuple(hexadecimal(8), hexadecimal(8), hexadecimal(8), hexadecimal(32))
  .map((groups) => groups.join("-"));

describe("the bookmark in a Cookie header", () => {
  test("is read as D1 wrote it, among other cookies", () => {
    expect(read(GOOD)).toBe(GOOD);
    expect(readBookmark(null, `a=1;__Host-bookmark=${GOOD} ; b=2`)).toBe(GOOD);
    fc.assert(fc.property(bookmarks, (bookmark) => read(bookmark) === bookmark));
  });

  test("has the name that goes with the session cookie's", () => {
    expect(readBookmark("shop.test", `__Secure-bookmark=${GOOD}`)).toBe(GOOD);
    expect(readBookmark("shop.test", `__Host-bookmark=${GOOD}`)).toBeNull();
    expect(readBookmark(null, `__Secure-bookmark=${GOOD}; bookmark=${GOOD}`)).toBeNull();
  });

  test.each([
    ["no header", null],
    ["an empty header", ""],
    ["an empty value", "__Host-bookmark="],
    ["two values", `__Host-bookmark=${GOOD}; __Host-bookmark=${GOOD}`],
    ["a good one after a bad one", `__Host-bookmark=x; __Host-bookmark=${GOOD}`],
  ])("is none with %s", (_, header) => {
    expect(readBookmark(null, header)).toBeNull();
  });

  test.each([
    "first-unconstrained",
    "first-primary",
    "first-unconstrained ",
    ` ${GOOD}x`,
    `${GOOD}\n${GOOD}`,
    `"${GOOD}"`,
  ])("is never what D1 reads as something else: %j (CWE-20)", (value) => {
    expect(read(value)).toBeNull();
  });

  test("property: whatever comes out has D1's form, and was in there once and whole", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      bookmarks,
      fc.tuple(bookmarks, fc.string({ unit: "binary" })).map(([bookmark, more]) => bookmark + more),
      fc.tuple(bookmarks, fc.nat(62)).map(([bookmark, end]) => bookmark.slice(0, end)),
      bookmarks.map((bookmark) => bookmark.toUpperCase()),
      fc.constantFrom("first-unconstrained", "first-primary", "f".repeat(8192)),
    );
    const header = fc
      .array(value, { maxLength: 3 })
      .map((all) => all.map((one) => `__Host-bookmark=${one}`).join("; "));
    fc.assert(
      fc.property(header, (text) => {
        const bookmark = readBookmark(null, text);
        if (bookmark === null) return;
        expect(bookmark).toMatch(/^[\da-f]{8}-[\da-f]{8}-[\da-f]{8}-[\da-f]{32}$/);
        expect(text.split(bookmark)).toHaveLength(2);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a later bookmark", () => {
  test("is one that sorts behind; a missing one never is", () => {
    expect([isLater(null, GOOD), isLater(GOOD, GOOD)]).toEqual([false, false]);
    fc.assert(
      fc.property(bookmarks, bookmarks, (one, other) => {
        expect(isLater(one, other)).toBe(one !== other && [one, other].sort().at(-1) === one);
      }),
    );
  });
});
