import { html } from "hono/html";
import type { Language } from "./language.ts";
import { type Html, layout, type PageFrame } from "./layout.ts";
import { safeLink } from "./link.ts";

const LOGOUT = {
  ko: {
    title: "로그아웃",
    question: "로그아웃할까요?",
    effect: "이 브라우저에서 로그아웃합니다.",
    everywhere: "모든 기기에서 로그아웃",
    submit: "로그아웃",
    cancel: "취소",
  },
  en: {
    title: "Log out",
    question: "Log out?",
    effect: "You will be logged out in this browser.",
    everywhere: "Log out on all devices",
    submit: "Log out",
    cancel: "Cancel",
  },
} as const satisfies Record<Language, Record<string, string>>;

// The session at Kakao is not ours to end; on a shared device the next person would come straight in.
const SIGNED_OUT = {
  ko: {
    title: "로그아웃되었습니다",
    shared: "여럿이 쓰는 기기라면 카카오계정에서도 로그아웃해 주세요.",
    again: "다시 로그인",
  },
  en: {
    title: "You are logged out",
    shared: "On a shared device, log out of your Kakao account too.",
    again: "Log in again",
  },
} as const satisfies Record<Language, Record<string, string>>;

/**
 * The page that asks before logging out, `GET /logout`. It posts `redirect_to` and, when ticked, `everywhere=true`
 * to `/logout`.
 *
 * @param props.redirectTo where the person goes afterwards, already allowed; `null`: the signed-out page
 * @param props.cancelHref where "cancel" leads; `null` leaves it out
 */
export const logoutPage = (frame: PageFrame, props: { redirectTo: string | null; cancelHref: string | null }): Html => {
  const text = LOGOUT[frame.language];
  return layout(frame, {
    title: text.title,
    postsForm: true,
    body: html`<h1>${text.question}</h1>
<p>${text.effect}</p>
<form method="post" action="/logout">
${props.redirectTo === null ? null : html`<input type="hidden" name="redirect_to" value="${props.redirectTo}">`}
<label><input type="checkbox" name="everywhere" value="true">${text.everywhere}</label>
<button class="button">${text.submit}</button>
${props.cancelHref === null ? null : html`<a class="button quiet" href="${safeLink(props.cancelHref)}">${text.cancel}</a>`}
</form>`,
  });
};

/** What a person sees after logging out without a place to go back to. `loginHref` leads to the login page. */
export const signedOutPage = (frame: PageFrame, props: { loginHref: string }): Html => {
  const text = SIGNED_OUT[frame.language];
  return layout(frame, {
    title: text.title,
    body: html`<h1>${text.title}</h1>
<p>${text.shared}</p>
<div class="actions"><a class="button" href="${safeLink(props.loginHref)}">${text.again}</a></div>`,
  });
};
