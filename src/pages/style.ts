import { raw } from "hono/html";

/**
 * The one style sheet of all pages. Text and background pairs keep WCAG AA (4.5:1), the focus ring 3:1, in both
 * colour schemes; a test computes them from the custom properties. The button's colours and radius are Kakao's
 * (design guide of Kakao Login), the same in both schemes and under the pointer.
 */
export const STYLE =
  raw(`:root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--ink:#191919;--soft:#55595f;--line:#d4d7dc;--ring:#0b57d0}
@media (prefers-color-scheme:dark){:root{--ground:#111214;--card:#1c1e21;--ink:#f2f3f5;--soft:#b4b9c1;--line:#41454c;--ring:#8ab4f8}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100svh;display:grid;grid-template-rows:1fr auto;justify-items:center;background:var(--ground);color:var(--ink);font:1rem/1.6 system-ui,-apple-system,"Apple SD Gothic Neo","Malgun Gothic","Noto Sans KR",sans-serif;word-break:keep-all;overflow-wrap:anywhere}
main{width:100%;max-width:26rem;align-self:center;padding:2.5rem 1.5rem}
h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.35;text-wrap:balance}
p{margin:0 0 .5rem;text-wrap:pretty}
a{color:inherit;text-underline-offset:.2em}
form,.actions{display:grid;gap:.75rem;margin:1.75rem 0 0}
label{display:flex;gap:.625rem;align-items:center;min-height:2.75rem}
input{flex:none;width:1.25rem;height:1.25rem;margin:0;accent-color:var(--ring)}
.button,.kakao{display:flex;align-items:center;justify-content:center;min-height:3rem;padding:.5rem 1rem;border:1px solid transparent;border-radius:12px;font:inherit;font-weight:600;line-height:1.3;text-align:center;text-decoration:none;cursor:pointer}
.button{background:var(--ink);color:var(--card)}
.quiet{background:none;border-color:var(--line);color:var(--ink)}
.kakao{gap:.5rem;background:#fee500;color:#000000d9;forced-color-adjust:none}
.kakao svg{flex:none;width:1.25rem;height:1.25rem}
:focus-visible{outline:3px solid var(--ring);outline-offset:2px}
dl{margin:2rem 0 0;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem}
dt{font-weight:600}
dd{margin:0 0 .75rem}
code{font:inherit;font-family:ui-monospace,Menlo,Consolas,monospace;user-select:all}
footer{padding:1rem 1.5rem 1.5rem;font-size:.875rem;color:var(--soft)}
footer a{display:inline-block;padding:.375rem .75rem}
@media (min-width:30rem){main{margin:2rem 0;padding:2.5rem;background:var(--card);border:1px solid var(--line);border-radius:20px}}
@media (prefers-reduced-motion:no-preference){.button{transition:filter .15s}}
@media (hover:hover){.button:hover{filter:brightness(.94)}}`);
