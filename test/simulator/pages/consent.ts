import { html } from "hono/html";
import type { AuthorizeRequest } from "../authorize-request.ts";
import { type Asked, consentItemName } from "../consent.ts";
import type { Person } from "../types.ts";
import { layout, type Page } from "./layout.ts";

type ConsentProps = {
  request: AuthorizeRequest;
  asked: Asked;
  person: Person;
  transactionId: string;
  /** The form came without a required item. */
  missing: boolean;
};

const checkbox = (value: string, name: string, required: boolean, ticked: boolean) => html`<li><label>
<input type="checkbox" name="agree" value="${value}"${ticked ? html` checked` : ""}${required ? html` required` : ""}>
${required ? "[필수]" : "[선택]"} ${name}</label></li>`;

/**
 * The consent page (동의 화면). Everything starts ticked but what this person is known to decline, so that one click
 * shows the case that the person stands for. Cancelling needs no ticks.
 */
export const consentPage = ({ request, asked, person, transactionId, missing }: ConsentProps): Page =>
  layout(
    "동의하고 계속하기",
    html`<h1>동의하고 계속하기</h1>
<p><strong>${request.client.app.name}</strong> 서비스가 <strong>${person.loginId}</strong> 계정의 정보를 요청합니다.</p>
${missing ? html`<p class="wrong" role="alert">필수 항목에 동의해 주세요.</p>` : ""}
<form method="post" action="/consent">
<input type="hidden" name="kauth_tx_id" value="${transactionId}">
<ul>
${asked.items.map((item) => checkbox(item.id, consentItemName(item.id), item.required, !person.declines.includes(item.id)))}
${asked.terms.map((term) => checkbox(`terms:${term.tag}`, term.title, term.required, true))}
</ul>
<button class="main" name="decision" value="agree">동의하고 계속하기</button>
<button class="plain" name="decision" value="cancel" formnovalidate>취소</button>
</form>`,
  );
