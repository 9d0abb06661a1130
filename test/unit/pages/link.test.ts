import fc from "fast-check";
import { expect, test } from "vitest";
import { safeLink } from "../../../src/pages/link.ts";

test.each([
  "/",
  "/login/kakao?redirect_to=https%3A%2F%2Fapp.shop.test",
  "?lang=en",
  "https://app.shop.test/cart#3",
  "http://localhost:5173",
])("%s stays as it is", (target) => {
  expect(safeLink(target)).toBe(target);
});

test.each([
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  " javascript:alert(1)",
  "java\nscript:alert(1)",
  "data:text/html,<b>x</b>",
  "vbscript:x",
  "blob:https://app.shop.test/1",
  "//evil.test",
  "/\\evil.test",
  "\\\\evil.test",
  "/\t/evil.test",
  "/\n/evil.test",
  "https:evil.test",
  "",
  "login",
])("%j becomes / (CWE-79, CWE-601)", (target) => {
  expect(safeLink(target)).toBe("/");
});

test("what is no full web address never leaves this origin", () => {
  const here = "https://auth.shop.test/page";
  const nasty = fc.constantFrom("/", "\\", "\t", "\n", "?", ":", "@", "javascript", "evil.test", "https", ".");
  fc.assert(
    fc.property(
      fc.array(nasty, { maxLength: 8 }).map((parts) => parts.join("")),
      (target) => {
        fc.pre(!/^https?:\/\//.test(target));
        expect(new URL(safeLink(target), here).origin).toBe("https://auth.shop.test");
      },
    ),
    { numRuns: 2000 },
  );
});
