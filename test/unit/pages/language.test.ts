import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseLanguage, switchLanguageHref } from "../../../src/pages/language.ts";

describe("the language of a page", () => {
  test.each([
    // ?lang=, Accept-Language, answer
    [null, null, "ko"],
    ["", "", "ko"],
    ["en", "ko", "en"],
    ["ko", "en", "ko"],
    ["EN-gb", "ko", "en"],
    ["fr", "en", "en"],
    ["fr", null, "ko"],
    ["english", "ko", "ko"],
    [null, "en", "en"],
    [null, "en-US,en;q=0.9", "en"],
    [null, "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"],
    [null, "ko;q=0.3, en;q=0.8", "en"],
    [null, "en;q=0.8;level=1, ko ; Q = 0.9", "ko"],
    [null, "fr, en;q=0.1", "en"],
    [null, "fr-FR, de;q=0.9", "ko"],
    [null, "*", "ko"],
    [null, "ko;q=0, *", "en"],
    [null, "en;q=0", "ko"],
    [null, "en;q=0.000, ko;q=0, *", "ko"],
    [null, "*;q=0.5, en;q=0.6", "en"],
    [null, "ko, en", "ko"],
    [null, "en, ko", "en"],
  ])("?lang=%s with Accept-Language %j is %s", (lang, acceptLanguage, expected) => {
    expect(chooseLanguage(lang, acceptLanguage)).toBe(expected);
  });

  test.each([
    ["en;q=2", "ko"],
    ["en;q=-1", "ko"],
    ["en;q=", "ko"],
    ["en;q=high, ko;q=0.1", "ko"],
    ["en;q=1.5, ko;q=0.1", "ko"],
    [",,;q=1,;;,en", "en"],
    ["__proto__, constructor", "ko"],
    ["e n", "ko"],
  ])("of the malformed Accept-Language %j only what is well formed counts: %s", (acceptLanguage, expected) => {
    expect(chooseLanguage(null, acceptLanguage)).toBe(expected);
  });

  test("is Korean or English whatever the request holds", () => {
    const range = fc
      .tuple(fc.constantFrom("ko", "en", "*", "fr", "-", ""), fc.oneof(fc.string(), fc.double().map(String)))
      .map(([tag, weight]) => `${tag};q=${weight}`);
    const header = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(range).map((ranges) => ranges.join(",")),
    );
    fc.assert(
      fc.property(fc.option(fc.string({ unit: "binary" })), fc.option(header), (lang, acceptLanguage) => {
        expect(["ko", "en"]).toContain(chooseLanguage(lang, acceptLanguage));
      }),
    );
  });

  test("is the person's choice above anything the browser sends", () => {
    fc.assert(
      fc.property(fc.constantFrom("ko", "en"), fc.string(), (lang, acceptLanguage) => {
        expect(chooseLanguage(lang, acceptLanguage)).toBe(lang);
      }),
    );
  });
});

describe("the link to the other language", () => {
  const at = (url: string) => new URL(url);

  test("keeps the query and names the other language once", () => {
    const url = at("https://auth.shop.test/?lang=ko&redirect_to=https%3A%2F%2Fapp.shop.test%2F%3Fa%3D1%26b&lang=ko");
    expect(switchLanguageHref(url, "ko")).toBe("?lang=en&redirect_to=https%3A%2F%2Fapp.shop.test%2F%3Fa%3D1%26b");
  });

  test("leads back to the first language from the other", () => {
    expect(switchLanguageHref(at("https://auth.shop.test/logout?lang=en"), "en")).toBe("?lang=ko");
  });

  test("stays on this host whatever the path is (CWE-601)", () => {
    const page = at("https://auth.shop.test//evil.test/x");
    expect(new URL(switchLanguageHref(page, "ko"), page).href).toBe("https://auth.shop.test//evil.test/x?lang=en");
  });
});
