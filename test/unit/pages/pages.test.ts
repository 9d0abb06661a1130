import { describe, expect, test } from "vitest";
import type { PageFrame } from "../../../src/pages/layout.ts";
import { loginPage } from "../../../src/pages/login.ts";
import { logoutPage, signedOutPage } from "../../../src/pages/logout.ts";
import { everyPage, NONCE, render } from "./every-page.ts";

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

const KOREAN: PageFrame = { language: "ko", nonce: NONCE, switchHref: "?lang=en" };
const ENGLISH: PageFrame = { language: "en", nonce: NONCE, switchHref: "?lang=ko" };

describe.each(await everyPage("/next"))("the page %s in %s", (_name, language, page) => {
  test("is a document in its language with a title, one main and one heading", () => {
    expect(page.startsWith(`<!doctype html>\n<html lang="${language}">`)).toBe(true);
    expect(count(page, /<title>[^<]+<\/title>/g)).toBe(1);
    expect(count(page, /<main>/g)).toBe(1);
    expect(count(page, /<h1>[^<]+<\/h1>/g)).toBe(1);
    expect(page).toContain('<meta name="viewport" content="width=device-width,initial-scale=1">');
  });

  test("holds no script, no event handler, no style attribute and nothing to load", () => {
    expect(page).not.toMatch(/<script|javascript:|\son[a-z]+=|\sstyle=|\ssrc=|@import|url\(/i);
    expect(count(page, /<link /g)).toBe(1);
    expect(page).toContain('<link rel="icon" href="data:,">');
  });

  test("has one style, under the nonce", () => {
    expect(count(page, /<style/g)).toBe(1);
    expect(page).toContain(`<style nonce="${NONCE}">`);
  });

  test("leads to the other language, named in that language", () => {
    const other = language === "ko" ? 'lang="en" hreflang="en">English' : 'lang="ko" hreflang="ko">한국어';
    expect(page).toContain(`<a href="/next" ${other}</a>`);
  });

  test("says nothing undefined", () => {
    expect(page).not.toMatch(/undefined|null|\[object/);
  });
});

describe.each(await everyPage(`"><script>alert('1')</script>&`))(
  "the page %s in %s (CWE-79)",
  (_name, _language, page) => {
    test("shows hostile text as text", () => {
      expect(page).not.toContain("<script");
      expect(page).not.toContain(`"><script`);
      expect(page).not.toContain("alert('1')");
    });
  },
);

describe.each(await everyPage("javascript:alert(1)"))("the page %s in %s (CWE-79)", (_name, _language, page) => {
  test("links to no script", () => {
    expect(page).not.toMatch(/(?:href|action)="javascript:/);
  });
});

test("a page that must not be opened twice has no language switch", async () => {
  const page = await render(signedOutPage({ ...KOREAN, switchHref: null }, { loginHref: "/" }));
  expect(page).not.toContain("<footer>");
});

describe("the login page", () => {
  test.each([
    [KOREAN, "카카오 로그인"],
    [ENGLISH, "Login with Kakao"],
  ])("is Kakao's button: a link with the symbol and the label of the design guide", async (frame, label) => {
    const page = await render(loginPage(frame, { loginHref: "/login/kakao?prompt=login", frontendName: null }));
    expect(page).toMatch(
      new RegExp(`<a class="kakao" href="/login/kakao\\?prompt=login"><svg .*</svg><span>${label}</span></a>`),
    );
    expect(page).toContain('aria-hidden="true"><path fill="#000"');
  });

  test("names the front end that the person goes back to", async () => {
    const page = await render(loginPage(KOREAN, { loginHref: "/login/kakao", frontendName: "app.shop.test" }));
    expect(page).toContain("<p>로그인하면 <strong>app.shop.test</strong> 사이트로 돌아갑니다.</p>");
  });
});

describe("the logout page", () => {
  test("posts redirect_to and, when ticked, everywhere=true to /logout", async () => {
    const page = await render(logoutPage(ENGLISH, { redirectTo: "https://app.shop.test/?a=1&b=2", cancelHref: null }));
    expect(page).toContain('<form method="post" action="/logout">');
    expect(page).toContain('<input type="hidden" name="redirect_to" value="https://app.shop.test/?a=1&amp;b=2">');
    expect(page).toContain(
      '<label><input type="checkbox" name="everywhere" value="true">Log out on all devices</label>',
    );
    expect(page).toContain('<button class="button">Log out</button>');
  });

  test("without a target or a way back holds neither field nor link", async () => {
    const page = await render(logoutPage({ ...KOREAN, switchHref: null }, { redirectTo: null, cancelHref: null }));
    expect(page).not.toContain("redirect_to");
    expect(page).not.toContain("<a ");
  });

  test("makes the browser name its origin in the POST, which no-referrer would turn into null", async () => {
    const page = await render(logoutPage(KOREAN, { redirectTo: null, cancelHref: null }));
    expect(page).toContain('<meta name="referrer" content="same-origin">');
  });

  test("is the only one that loosens the referrer policy", async () => {
    const loosened = (await everyPage("/next")).filter(([, , page]) => page.includes('name="referrer"'));
    expect(new Set(loosened.map(([name]) => name))).toEqual(new Set(["logout", "logout without a target"]));
  });
});
