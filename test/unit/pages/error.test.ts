import { describe, expect, test } from "vitest";
import { errorPage } from "../../../src/pages/error.ts";
import { ERROR_TEXTS } from "../../../src/pages/error-texts.ts";
import type { PageFrame } from "../../../src/pages/layout.ts";
import { ERROR_CODES, NONCE, render } from "./every-page.ts";

const KOREAN: PageFrame = { language: "ko", nonce: NONCE, switchHref: null };
const ENGLISH: PageFrame = { language: "en", nonce: NONCE, switchHref: null };

test("every failure that a person can meet has a page", () => {
  expect(ERROR_CODES.toSorted()).toEqual([
    "invalid_callback",
    "invalid_grant",
    "invalid_origin",
    "invalid_redirect_to",
    "invalid_request",
    "invalid_target",
    "method_not_allowed",
    "misconfigured",
    "not_found",
    "rate_limited",
    "server_error",
    "temporarily_unavailable",
    "unauthenticated",
  ]);
});

describe.each(ERROR_CODES)("the texts of %s", (code) => {
  const { ko, en } = ERROR_TEXTS[code];

  test("say in Korean and in English what happened and what to do", () => {
    for (const text of [ko.title, ko.happened, ko.advice]) expect(text).toMatch(/\p{Script=Hangul}{2}/u);
    for (const text of [en.title, en.happened, en.advice]) expect(text).toMatch(/^[A-Z][\x20-\x7e’]+$/);
    for (const text of [ko.happened, ko.advice, en.happened, en.advice]) expect(text).toMatch(/\.$/);
  });

  test("are polite and ask in Korean", () => {
    expect(ko.happened).toMatch(/니다\.$/);
    expect(ko.advice).toMatch(/주세요\.$/);
  });

  test("are their own: no other failure is called the same", () => {
    const others = ERROR_CODES.filter((other) => other !== code).map((other) => ERROR_TEXTS[other]);
    expect(others.map((other) => other.ko.title)).not.toContain(ko.title);
    expect(others.map((other) => other.en.title)).not.toContain(en.title);
  });
});

describe("the error page", () => {
  const reference = "8f3a91c2-6f0e";

  test("shows what happened, what to do, and the reference that the log has", async () => {
    const page = await render(errorPage(KOREAN, { code: "rate_limited", detail: null, reference, retryHref: null }));
    expect(page).toContain("<h1>요청이 너무 많습니다</h1>\n<p>짧은 시간에 너무 여러 번 시도했습니다.</p>\n<p>1분 뒤에");
    expect(page).toContain(`<dt>문의 번호</dt><dd><code>${reference}</code></dd>`);
  });

  test("marks the developer's sentence as English", async () => {
    const detail = 'redirect_to must not carry credentials: "https://a:b@app.shop.test".';
    const page = await render(errorPage(KOREAN, { code: "invalid_redirect_to", detail, reference, retryHref: null }));
    expect(page).toContain(
      '<dt>개발자용 정보</dt><dd lang="en">redirect_to must not carry credentials: &quot;https://a:b@app.shop.test&quot;.</dd>',
    );
  });

  test("offers a way on where there is one", async () => {
    const failed = { detail: null, reference, retryHref: "/login/kakao?redirect_to=x" } as const;
    expect(await render(errorPage(ENGLISH, { ...failed, code: "invalid_callback" }))).toContain(
      '<a class="button" href="/login/kakao?redirect_to=x">Start again</a>',
    );
    expect(await render(errorPage(ENGLISH, { ...failed, code: "temporarily_unavailable" }))).toContain(
      ">Try again</a>",
    );
  });

  test("has no link and no developer's part where there is none", async () => {
    const page = await render(errorPage(ENGLISH, { code: "not_found", detail: null, reference, retryHref: null }));
    expect(page).not.toContain("<a ");
    expect(page).not.toContain("For developers");
  });
});
