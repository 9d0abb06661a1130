import { html } from "hono/html";
import { kakaoButton } from "./kakao-button.ts";
import type { Language } from "./language.ts";
import { type Html, layout, type PageFrame } from "./layout.ts";

const TITLE: Record<Language, string> = { ko: "로그인", en: "Log in" };

const returnTo = (language: Language, host: string): Html => {
  const name = html`<strong>${host}</strong>`;
  return language === "ko"
    ? html`<p>로그인하면 ${name} 사이트로 돌아갑니다.</p>`
    : html`<p>After logging in, you return to ${name}.</p>`;
};

const WITHOUT_TARGET: Record<Language, Html> = {
  ko: html`<p>카카오계정으로 로그인해 주세요.</p>`,
  en: html`<p>Log in with your Kakao account.</p>`,
};

/**
 * The hosted login page, `GET /`.
 *
 * @param props.loginHref where the Kakao button leads: `/login/kakao` with this page's query
 * @param props.frontendName host of the front end that the person goes back to; `null` when there is none to name
 */
export const loginPage = (frame: PageFrame, props: { loginHref: string; frontendName: string | null }): Html => {
  const { language } = frame;
  return layout(frame, {
    title: TITLE[language],
    body: html`<h1>${TITLE[language]}</h1>
${props.frontendName === null ? WITHOUT_TARGET[language] : returnTo(language, props.frontendName)}
<div class="actions">${kakaoButton(language, props.loginHref)}</div>`,
  });
};
