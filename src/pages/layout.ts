import { html } from "hono/html";
import type { Language } from "./language.ts";
import { safeLink } from "./link.ts";
import { STYLE } from "./style.ts";

/** A rendered page or a part of one, escaped; `c.html()` takes it as it is. */
export type Html = ReturnType<typeof html>;

/** What every page needs from its request. */
export type PageFrame = {
  language: Language;
  /** The nonce that the response's Content-Security-Policy names. */
  nonce: string;
  /** The same page in the other language; `null` leaves the switch out. */
  switchHref: string | null;
};

type PageContent = {
  /** Names the page in tabs, bookmarks and screen readers. */
  title: string;
  /** The content of `<main>`, with exactly one `<h1>`. */
  body: Html;
  /** The page holds a form that posts to this origin. */
  postsForm?: boolean;
};

const otherLanguage = (language: Language): { code: Language; name: string; label: string } =>
  language === "ko"
    ? { code: "en", name: "English", label: "언어" }
    : { code: "ko", name: "한국어", label: "Language" };

const languageSwitch = (language: Language, href: string): Html => {
  const other = otherLanguage(language);
  return html`<footer><nav aria-label="${other.label}"><a href="${safeLink(href)}" lang="${other.code}" hreflang="${other.code}">${other.name}</a></nav></footer>`;
};

// Under the response's `Referrer-Policy: no-referrer` a browser sends a form's POST with `Origin: null`, even to its
// own origin (Fetch, "append a request `Origin` header"), and the CSRF guard refuses that. This still tells no other
// site anything.
const REFERRER_WITHIN_THIS_ORIGIN = html`<meta name="referrer" content="same-origin">`;

/** The document around a page's content: complete without scripts, images or anything else to load. */
export const layout = (frame: PageFrame, content: PageContent): Html => html`<!doctype html>
<html lang="${frame.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
${content.postsForm ? REFERRER_WITHIN_THIS_ORIGIN : null}
<title>${content.title}</title>
<link rel="icon" href="data:,">
<style nonce="${frame.nonce}">${STYLE}</style>
</head>
<body>
<main>${content.body}</main>
${frame.switchHref === null ? null : languageSwitch(frame.language, frame.switchHref)}
</body>
</html>`;
