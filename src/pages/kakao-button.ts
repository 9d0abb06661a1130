import { html } from "hono/html";
import type { Language } from "./language.ts";
import type { Html } from "./layout.ts";
import { safeLink } from "./link.ts";

// The guide's full-length labels; other wordings are not free to choose.
const LABEL: Record<Language, string> = { ko: "카카오 로그인", en: "Login with Kakao" };

const SPEECH_BUBBLE = html`<svg viewBox="0 0 24 24" aria-hidden="true"><path fill="#000" d="M12 1.2C5.4 1.2 0 5.4 0 10.6c0 3.4 2.2 6.3 5.6 8l-1.2 4.3c-.1.4.3.7.7.5l5.1-3.4 1.8.1c6.6 0 12-4.2 12-9.5S18.6 1.2 12 1.2z"/></svg>`;

/**
 * Kakao's login button as a plain link. Yellow container, black speech bubble, label black at 85 %, system font,
 * symbol and label centred together.
 *
 * @see https://developers.kakao.com/docs/latest/en/kakaologin/design-guide
 */
export const kakaoButton = (language: Language, href: string): Html =>
  html`<a class="kakao" href="${safeLink(href)}">${SPEECH_BUBBLE}<span>${LABEL[language]}</span></a>`;
