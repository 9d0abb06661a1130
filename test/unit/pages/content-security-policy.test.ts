import { describe, expect, test } from "vitest";
import { contentSecurityPolicy } from "../../../src/pages/content-security-policy.ts";
import { NONCE } from "./every-page.ts";

const directives = (policy: string): Record<string, string> =>
  Object.fromEntries(policy.split("; ").map((directive) => directive.split(/ (.*)/s).slice(0, 2)));

describe("the Content-Security-Policy of a page", () => {
  test("allows one style by its nonce and nothing else", () => {
    expect(directives(contentSecurityPolicy(NONCE, []))).toEqual({
      "default-src": "'none'",
      "style-src": `'nonce-${NONCE}'`,
      "img-src": "data:",
      "form-action": "'self'",
      "base-uri": "'none'",
      "frame-ancestors": "'none'",
    });
  });

  test("lets a form end at the given origins", () => {
    const policy = contentSecurityPolicy(NONCE, [
      "https://app.shop.test",
      "https://*.pages.test",
      "http://localhost:5173",
    ]);
    expect(directives(policy)["form-action"]).toBe(
      "'self' https://app.shop.test https://*.pages.test http://localhost:5173",
    );
  });

  test.each([
    "https://a.test; script-src *",
    "https://a.test, default-src *",
    "https://a.test\nx",
    "'unsafe-inline'",
    "*",
    "https://*",
    "https:",
    "http://[::1]:80",
    "",
  ])("leaves out %j, which is no host-source (CWE-74)", (origin) => {
    expect(contentSecurityPolicy(NONCE, [origin])).toBe(contentSecurityPolicy(NONCE, []));
  });

  test.each(["", "short", "'; script-src *; x '", "abcdefghijklmnop\n"])("refuses the nonce %j", (nonce) => {
    expect(() => contentSecurityPolicy(nonce, [])).toThrow(TypeError);
  });
});
