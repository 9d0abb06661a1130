import { errorPage } from "../../../src/pages/error.ts";
import { ERROR_TEXTS, type ErrorCode } from "../../../src/pages/error-texts.ts";
import { LANGUAGES } from "../../../src/pages/language.ts";
import type { Html, PageFrame } from "../../../src/pages/layout.ts";
import { loginPage } from "../../../src/pages/login.ts";
import { logoutPage, signedOutPage } from "../../../src/pages/logout.ts";

export const NONCE = "c29tZS1yYW5kb20tYnl0ZXM";

export const ERROR_CODES = Object.keys(ERROR_TEXTS) as ErrorCode[];

/** The page as it goes over the wire. */
export const render = async (page: Html): Promise<string> => String(await page);

/** Every hosted page with `text` in each place that takes a text from outside. */
const pagesHolding = (frame: PageFrame, text: string): [name: string, page: Html][] => [
  ["login", loginPage(frame, { loginHref: text, frontendName: text })],
  ["login without a front end", loginPage(frame, { loginHref: text, frontendName: null })],
  ["logout", logoutPage(frame, { redirectTo: text, cancelHref: text })],
  ["logout without a target", logoutPage(frame, { redirectTo: null, cancelHref: null })],
  ["signed out", signedOutPage(frame, { loginHref: text })],
  ...ERROR_CODES.map((code): [string, Html] => [
    `error ${code}`,
    errorPage(frame, { code, detail: text, reference: text, retryHref: text }),
  ]),
];

/** Every page in every language, as `[name, language, document]`, ready for `test.each`. */
export const everyPage = async (text: string): Promise<[name: string, language: string, document: string][]> =>
  Promise.all(
    LANGUAGES.flatMap((language) =>
      pagesHolding({ language, nonce: NONCE, switchHref: text }, text).map(
        async ([name, page]): Promise<[string, string, string]> => [name, language, await render(page)],
      ),
    ),
  );
