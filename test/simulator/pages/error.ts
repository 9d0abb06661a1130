import { html } from "hono/html";
import type { SetUpError } from "../authorize-request.ts";
import { layout, type Page } from "./layout.ts";

/** Kakao's own error page for an app that is set up wrongly. `data-koe` is for tests and the browser double. */
export const setUpErrorPage = ({ koe, detail }: SetUpError): Page =>
  layout(
    `앱 설정 오류 (${koe})`,
    html`<h1 data-koe="${koe}">앱 설정 오류 (${koe})</h1>
<p>서비스 설정에 문제가 있어 로그인할 수 없습니다. 서비스 관리자에게 오류 코드를 알려 주세요.</p>
<p class="quiet"><code>${detail}</code></p>`,
  );

/** The login or consent page was left open too long, or sent twice. */
export const expiredPage = (): Page =>
  layout(
    "만료된 요청",
    html`<h1 data-koe="expired">만료된 요청입니다</h1>
<p>로그인하려던 서비스로 돌아가 다시 시도해 주세요.</p>`,
  );
