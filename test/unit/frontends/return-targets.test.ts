import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeReturnTarget, type ReturnTargetRule } from "../../../src/frontends/origins.ts";
import { AUTH, frontendsOf, isOurs, OURS, PIECES } from "./our-frontends.ts";

const judge = (address: string) => judgeReturnTarget(OURS, address);

describe("a login may lead back to", () => {
  test.each([
    ["https://app.shop.test", "https://app.shop.test/"],
    ["https://app.shop.test/", "https://app.shop.test/"],
    ["https://app.shop.test/cart?item=3&x=%20#top", "https://app.shop.test/cart?item=3&x=%20#top"],
    ["https://app.shop.test:443/", "https://app.shop.test/"],
    ["HTTPS://APP.SHOP.TEST/Cart", "https://app.shop.test/Cart"],
    ["https://app.shop.test/a/../b", "https://app.shop.test/b"],
    ["https://app.shop.test/장바구니", "https://app.shop.test/%EC%9E%A5%EB%B0%94%EA%B5%AC%EB%8B%88"],
    ["https://app.shop.test/?next=https://evil.test", "https://app.shop.test/?next=https://evil.test"],
    ["https://app.shop.test//evil.test", "https://app.shop.test//evil.test"],
    ["https://app.shop.test/@evil.test", "https://app.shop.test/@evil.test"],
    ["https://app.shop.test#@evil.test", "https://app.shop.test/#@evil.test"],
    ["https://app.shop.test?@evil.test", "https://app.shop.test/?@evil.test"],
    ["https://app%2eshop.test/", "https://app.shop.test/"],
    ["https://app。shop.test/", "https://app.shop.test/"],
    ["https://ａｐｐ.shop.test/", "https://app.shop.test/"],
    ["https://shop.example.co.kr:8443/", "https://shop.example.co.kr:8443/"],
    ["https://pr-7.previews.partner.test/x", "https://pr-7.previews.partner.test/x"],
    ["https://xn--hp4bo76a.previews.partner.test/", "https://xn--hp4bo76a.previews.partner.test/"],
    ["http://localhost:5173/x", "http://localhost:5173/x"],
  ])("%s", (address, href) => {
    expect(judge(address)).toEqual({ allowed: { href, origin: new URL(href).origin } });
  });
});

const REFUSED: Record<ReturnTargetRule, readonly string[]> = {
  unreadable: [
    "",
    "/",
    "/cart",
    "cart",
    "?x",
    "#x",
    "//app.shop.test",
    "//evil.test",
    "app.shop.test",
    "null",
    "undefined",
    "https:",
    "https://",
    "https:///",
    "https:app.shop.test",
    "https:/app.shop.test",
    "https:///app.shop.test",
    "https:////app.shop.test/",
    "https://app.shop.test:99999/",
    "https://app.shop.test:port/",
    "https://app.shop.test%00.evil.test/",
    "https://app.shop.test%0d%0a/",
    "https://app%20shop.test",
    "https://[::1/",
    "https://app.shop.test<>/",
    "https://app.shop.test|evil.test/",
    "https://%",
    "://app.shop.test",
    "https//app.shop.test",
    "*",
  ],
  control_characters: [
    " https://app.shop.test/",
    "https://app.shop.test/ ",
    "https://app.shop.test/a b",
    "\thttps://app.shop.test/",
    "ht\ttps://app.shop.test/",
    "https://app.shop.test/\r\nSet-Cookie:x=1",
    "https://app.shop.test/\n",
    "https://app.\nshop.test/",
    "https://app.shop.test/\u0000",
    "\u0001https://app.shop.test/",
    "https://app.shop.test/\u007f",
    "https:\\\\app.shop.test\\",
    "\\\\evil.test",
    "/\\evil.test",
    "https://app.shop.test\\@evil.test/",
    "https://evil.test\\.app.shop.test/",
    "java\nscript:alert(1)",
  ],
  too_long: [`https://app.shop.test/${"a".repeat(2048)}`, `https://app.shop.test/${"가".repeat(300)}`],
  scheme: [
    "javascript:alert(1)",
    "JavaScript:alert(1)//https://app.shop.test",
    "javascript://app.shop.test/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "blob:https://app.shop.test/4c0e",
    "filesystem:https://app.shop.test/x",
    "view-source:https://app.shop.test/",
    "file:///etc/passwd",
    "ftp://app.shop.test/",
    "ws://app.shop.test/",
    "wss://app.shop.test/",
    "about:blank",
    "mailto:a@app.shop.test",
    "intent://app.shop.test/#Intent;end",
    "kakaotalk://inappbrowser",
    "app.shop.test:443/",
    "http://app.shop.test/",
    "http://app.shop.test:443/",
    "http://pr-7.previews.partner.test/",
    "http://localhost.evil.test:5173/",
  ],
  credentials: [
    "https://user@app.shop.test/",
    "https://user:pass@app.shop.test/",
    "https://:pass@app.shop.test/",
    "https://app.shop.test@evil.test/",
    "https://app.shop.test%2f@evil.test/",
    "https://app.shop.test:443@evil.test/",
    "https://app.shop.test%23@evil.test/",
    "https://evil.test%40x@app.shop.test/",
  ],
  auth_host: [
    AUTH,
    `${AUTH}/`,
    `${AUTH}:443/login/kakao`,
    `${AUTH}/logout`,
    "HTTPS://AUTH.SHOP.TEST/",
    "https://auth%2eshop.test/",
    "https://auth。shop.test/",
  ],
  unlisted_origin: [
    "https://evil.test/",
    "https://evil.test/https://app.shop.test",
    "https://evil.test?https://app.shop.test/",
    "https://evil.test#https://app.shop.test/",
    "https://app.shop.test.evil.test/",
    "https://evilapp.shop.test.evil/",
    "https://xshop.test/",
    "https://shop.test/",
    "https://a.app.shop.test/",
    "https://app.shop.test./",
    "https://app.shop.test:8443/",
    "https://shop.example.co.kr/",
    "https://evil.co.kr:8443/",
    "https://previews.partner.test/",
    "https://a.b.previews.partner.test/",
    "https://.previews.partner.test/",
    "https://a..previews.partner.test/",
    "https://xpreviews.partner.test/",
    "https://a.previews.partner.test:8443/",
    "https://a.previews.partner.test.evil.test/",
    "https://a%2eb.previews.partner.test/",
    "https://localhost:5173/",
    "http://localhost/",
    "http://localhost:5174/",
    "http://127.0.0.1:5173/",
    "http://[::1]:5173/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://*.previews.partner.test.evil.test/",
    "https://app.shop.tеst/",
    "https://app/",
  ],
};

describe.each(Object.entries(REFUSED))("an open redirect (CWE-601) is refused: %s", (rule, addresses) => {
  test.each(addresses)("%j", (address) => {
    expect(judge(address)).toEqual({ refused: rule });
  });
});

test("nothing is allowed where nothing is listed", () => {
  expect(judgeReturnTarget(frontendsOf(), "https://app.shop.test/")).toEqual({ refused: "unlisted_origin" });
});

test("a target of 2,048 characters is allowed, one more is not", () => {
  const target = "https://app.shop.test/".padEnd(2048, "a");
  expect(judge(target)).toHaveProperty("allowed");
  expect(judge(`${target}a`)).toEqual({ refused: "too_long" });
});

describe("property:", () => {
  const address = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 2 })), { maxLength: 9 })
      .map((parts) => parts.join("")),
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
  );

  test("no text throws, and what is allowed leads to a listed origin, however often it is read again", () => {
    fc.assert(
      fc.property(address, (text) => {
        const judged = judge(text);
        if ("refused" in judged) return;
        const { href, origin } = judged.allowed;
        const url = new URL(href);
        expect(isOurs(url.origin)).toBe(true);
        expect([url.href, url.origin, url.username + url.password]).toEqual([href, origin, ""]);
        expect(href).not.toMatch(/[\u0000-\u0020\u007f\\]/);
        expect(judge(href)).toEqual(judged);
      }),
      { numRuns: 5_000 },
    );
  });

  test("a browser that reads the given text goes to the same origin", () => {
    fc.assert(
      fc.property(address, (text) => {
        const judged = judge(text);
        if ("allowed" in judged) expect(new URL(text, "https://evil.test").origin).toBe(judged.allowed.origin);
      }),
      { numRuns: 5_000 },
    );
  });
});
