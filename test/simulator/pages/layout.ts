import { html } from "hono/html";

export type Page = ReturnType<typeof html>;

const STYLE = `
:root{color-scheme:light;font:16px/1.5 system-ui,"Apple SD Gothic Neo","Noto Sans CJK KR",sans-serif}
*{box-sizing:border-box}
body{margin:0;word-break:keep-all;overflow-wrap:anywhere;background:#f2f2f2;color:#191919}
.notice{margin:0;padding:8px 16px;background:#3c1e1e;color:#fff;font-size:14px;text-align:center}
main{max-width:440px;margin:32px auto;padding:32px 24px;background:#fff;border:1px solid #dcdcdc;border-radius:12px}
main.wide{max-width:720px}
h1{margin:0 0 8px;font-size:22px}h2{margin:24px 0 8px;font-size:16px}
p{margin:0 0 16px}form+p,ul+form{margin-top:16px}.quiet{color:#595959;font-size:14px}.wrong{color:#b3261e;font-weight:600}
ul{list-style:none;margin:0;padding:0}
label{display:block;margin:0 0 12px}
input[type=text],select{display:block;width:100%;margin-top:4px;padding:10px 12px;border:1px solid #8c8c8c;border-radius:8px;font:inherit}
button{font:inherit;cursor:pointer;border:0;border-radius:8px;padding:12px 16px;width:100%}
button.main{background:#fee500;color:#191919;font-weight:600;margin-top:8px}
button.plain{background:#ededed;color:#191919;margin-top:8px}
button.person{background:#fff;border:1px solid #dcdcdc;text-align:left;margin:0 0 8px;padding:10px 14px}
button.person:hover{background:#fffbe0}
button.person span{display:block;color:#595959;font-size:14px}
:focus-visible{outline:3px solid #1a56db;outline-offset:2px}
table{width:100%;border-collapse:collapse;font-size:14px}td,th{padding:6px 8px 6px 0;text-align:left;vertical-align:top;border-bottom:1px solid #ededed;overflow-wrap:anywhere}
code{overflow-wrap:anywhere}
@media(max-width:480px){main{margin:0;border:0;border-radius:0;min-height:100vh}}
`;

/** The shell of every page: says first and last that this is not Kakao. */
export const layout = (title: string, content: Page, width: "narrow" | "wide" = "narrow"): Page => html`<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} — 카카오 시뮬레이터</title>
<style>${STYLE}</style>
</head>
<body>
<p class="notice">카카오 시뮬레이터 — 실제 카카오가 아닙니다</p>
<main class="${width}">
${content}
</main>
</body>
</html>`;
