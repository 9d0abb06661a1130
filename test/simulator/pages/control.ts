import { html } from "hono/html";
import { READY_FAULTS } from "../fault-input.ts";
import { findLink } from "../state.ts";
import type { Person } from "../types.ts";
import type { World } from "../world.ts";
import { layout, type Page } from "./layout.ts";

const personRow = (world: World, person: Person) => {
  const linked = world.apps.filter((app) => findLink(world.state, app, person) !== null);
  return html`<tr><td>${person.account?.nickname ?? "(닉네임 없음)"}<br><span class="quiet">${person.loginId}</span></td>
<td>${person.id}</td><td>${person.summary}</td><td>${linked.length === 0 ? "–" : linked.map((app) => app.name).join(", ")}</td></tr>`;
};

/** Who can log in, who is linked to which app, and the switches for Kakao's bad days. */
export const controlPage = (world: World): Page => {
  const active = world.faults.list();
  return layout(
    "상태",
    html`<h1>카카오 시뮬레이터</h1>
<h2>사람</h2>
<table><thead><tr><th>이름</th><th>회원번호</th><th>특징</th><th>연결된 앱</th></tr></thead>
<tbody>${world.state.people.map((person) => personRow(world, person))}</tbody></table>
<h2>장애</h2>
${
  active.length === 0
    ? html`<p>켜진 장애가 없습니다.</p>`
    : html`<ul>${active.map(({ endpoint, fault, times }) => html`<li><code>${endpoint}: ${JSON.stringify(fault)}</code>${Number.isFinite(times) ? ` (${times}번)` : ""}</li>`)}</ul>`
}
<form method="post" action="/simulator/faults">
<label>장애 켜기
<select name="ready">${READY_FAULTS.map(({ id, label }) => html`<option value="${id}">${label}</option>`)}</select></label>
<label><input type="checkbox" name="once" value="true"> 다음 요청 한 번만</label>
<button class="main">켜기</button>
</form>
<form method="post" action="/simulator/faults/clear"><button class="plain">모두 끄기</button></form>`,
    "wide",
  );
};
