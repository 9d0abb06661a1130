import { html } from "hono/html";
import { ERROR_TEXTS, type ErrorCode, RETRY } from "./error-texts.ts";
import type { Language } from "./language.ts";
import { type Html, layout, type PageFrame } from "./layout.ts";
import { safeLink } from "./link.ts";

const LABELS = {
  ko: { reference: "문의 번호", detail: "개발자용 정보" },
  en: { reference: "Reference", detail: "For developers" },
} as const satisfies Record<Language, Record<string, string>>;

/**
 * The page for a request that failed: what happened, what to do, and a number that the log has too.
 *
 * @param props.code the same code that a JSON answer would carry
 * @param props.detail one English sentence for the developer, such as which rule refused; `null` when there is none
 * @param props.reference what the log line of this request is found by
 * @param props.retryHref where trying again leads; `null` leaves the link out
 */
export const errorPage = (
  frame: PageFrame,
  props: { code: ErrorCode; detail: string | null; reference: string; retryHref: string | null },
): Html => {
  const text = ERROR_TEXTS[props.code][frame.language];
  const label = LABELS[frame.language];
  return layout(frame, {
    title: text.title,
    body: html`<h1>${text.title}</h1>
<p>${text.happened}</p>
<p>${text.advice}</p>
${props.retryHref === null ? null : html`<div class="actions"><a class="button" href="${safeLink(props.retryHref)}">${text.retry ?? RETRY[frame.language]}</a></div>`}
<dl>
<dt>${label.reference}</dt><dd><code>${props.reference}</code></dd>
${props.detail === null ? null : html`<dt>${label.detail}</dt><dd lang="en">${props.detail}</dd>`}
</dl>`,
  });
};
