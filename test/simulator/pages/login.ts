import { html } from "hono/html";
import type { AuthorizeRequest } from "../authorize-request.ts";
import type { Person } from "../types.ts";
import { layout, type Page } from "./layout.ts";

type LoginProps = {
  request: AuthorizeRequest;
  transactionId: string;
  people: readonly Person[];
  /** Who is logged in at Kakao in this browser. */
  current: Person | null;
};

const personButton = (person: Person, current: Person | null) => html`<li>
<button class="person" name="person" value="${person.id}">${person.account?.nickname ?? "(닉네임 없음)"} · ${person.loginId}
<span>${person.summary}${person === current ? " · 로그인되어 있음" : ""}</span></button>
</li>`;

/**
 * The login page: a ready person by one click, or any account by typing it. `prompt=create` asks for a new account
 * instead, `login_hint` fills in the account and puts the person it names first.
 */
export const loginPage = ({ request, transactionId, people, current }: LoginProps): Page => {
  const hint = request.loginHint ?? "";
  const creates = request.prompts.includes("create");
  const chooses = request.prompts.includes("select_account");
  const title = creates ? "카카오계정 만들기" : chooses ? "계정 선택" : "카카오계정 로그인";
  const isFirst = (person: Person) => person === current || person.loginId === hint;
  const ordered = [...people.filter(isFirst), ...people.filter((person) => !isFirst(person))];
  const chooser = html`<h2>준비된 사람</h2>
<form method="post" action="/login">
<input type="hidden" name="kauth_tx_id" value="${transactionId}">
<ul>${ordered.map((person) => personButton(person, current))}</ul>
</form>`;
  return layout(
    title,
    html`<h1>${title}</h1>
<p><strong>${request.client.app.name}</strong>에서 카카오계정으로 로그인합니다.</p>
${creates ? "" : chooser}
<h2>${creates ? "새 계정" : "다른 계정"}</h2>
<form method="post" action="/login">
<input type="hidden" name="kauth_tx_id" value="${transactionId}">
<label>카카오메일 아이디, 이메일, 전화번호
<input type="text" name="login_id" value="${hint}" autocomplete="username" required></label>
<label>닉네임 <span class="quiet">(새 계정일 때만)</span>
<input type="text" name="nickname" autocomplete="nickname" maxlength="20"></label>
<label><input type="checkbox" name="stay" value="true"> 로그인 상태 유지</label>
<button class="main">${creates ? "만들고 로그인" : "로그인"}</button>
</form>
<p class="quiet">비밀번호는 묻지 않습니다. 실제 계정 정보를 입력하지 마세요.</p>`,
  );
};
