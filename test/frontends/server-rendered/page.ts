import { html } from "hono/html";

type Page = ReturnType<typeof html>;

const layout = (title: string, content: Page): Page =>
  html`<!doctype html>
    <html lang="ko">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${title}</title>
        <link rel="icon" href="data:,">
        <style>
          body { font: 1rem/1.6 system-ui, sans-serif; max-width: 25rem; margin: 15vh auto; padding: 0 1rem; word-break: keep-all; }
          h1 { font-size: 1.3rem; }
          button { min-height: 2.75rem; padding: 0 1.25rem; font: inherit; cursor: pointer; }
        </style>
      </head>
      ${content}
    </html>`;

/** What only a signed-in person sees. Logging out is a form: a link could be followed by a prefetching browser. */
export const personPage = (options: {
  nickname: string | null;
  email: string | null;
  logoutAction: string;
  afterLogout: string;
}) =>
  layout(
    "Server-rendered demo",
    html`<body data-state="signed-in">
      <h1>서버에서 그린 페이지 · Rendered on a server</h1>
      <p><strong id="name">${options.nickname ?? "이름 없음 · No name"}</strong> ${options.email ?? ""}</p>
      <form method="post" action="${options.logoutAction}">
        <input type="hidden" name="redirect_to" value="${options.afterLogout}">
        <button id="logout">로그아웃 · Log out</button>
      </form>
    </body>`,
  );

/** Where people are after logging out, or after a login that failed with `error`. */
export const signedOutPage = (options: { error: string | null; login: string }) =>
  layout(
    "Server-rendered demo",
    html`<body data-state="signed-out">
      <h1>로그아웃 상태입니다 · You are signed out</h1>
      ${options.error !== null ? html`<p id="error" role="alert">로그인하지 못했습니다. · The login did not work: <code>${options.error}</code></p>` : ""}
      <p><a id="login" href="${options.login}">카카오 로그인 · Login with Kakao</a></p>
    </body>`,
  );

/** The auth host did not answer, so nobody knows whether this person is signed in. */
export const unreachablePage = () =>
  layout(
    "Server-rendered demo",
    html`<body data-state="unreachable">
      <h1>잠시 뒤에 다시 시도해 주세요 · Please try again in a moment</h1>
      <p>로그인 서버에 연결하지 못했습니다. · The auth server cannot be reached.</p>
    </body>`,
  );
