import type { HostHandler } from "./tls-server.ts";
import { AUTH } from "./world.ts";

/**
 * A front end of one page that does everything through the browser client, and shows what the client says:
 * `data-state`, `data-transport` and `data-error` of the body, and the name. With `?twice` it starts everything twice
 * at once, as an effect does in React's Strict Mode; with `?quiet` it does not ask who is signed in.
 */
export const clientPage: HostHandler = () =>
  new Response(PAGE, { headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" } });

const PAGE = `<!doctype html>
<html lang="en">
  <title>Client page</title>
  <body data-other-site="true" data-state="loading">
    <p id="name">…</p>
    <button id="login">Log in</button>
    <button id="login-to-blank">Log in, and stop before the code is exchanged</button>
    <button id="ask">Ask again</button>
    <button id="logout">Log out</button>
    <button id="logout-everywhere">Log out everywhere</button>
    <script type="module">
      import { createAuthClient } from "${AUTH}/client.js";

      const { body } = document;
      const client = createAuthClient({ origin: "${AUTH}" });
      const show = ({ user }) => {
        document.getElementById("name").textContent = user?.nickname ?? "nobody";
        body.dataset.transport = client.transport ?? "none";
        body.dataset.error = client.error?.code ?? "none";
        body.dataset.state = user ? "signed-in" : "signed-out";
      };
      const fail = (error) => {
        body.dataset.error = error.code;
        body.dataset.state = "failed";
      };
      const on = (id, act) => {
        document.getElementById(id).onclick = () => act().catch(fail);
      };
      on("login", () => client.login());
      on("login-to-blank", () => client.login({ returnTo: "/blank-page-of-the-tests" }));
      on("ask", () => client.session().then(show));
      on("logout", () => client.logout());
      on("logout-everywhere", () => client.logout({ everywhere: true }));
      client.onChange(show);
      const wishes = new URLSearchParams(location.search);
      if (wishes.has("twice")) {
        createAuthClient({ origin: "${AUTH}" }).session().then(show, fail);
      }
      if (!wishes.has("quiet")) client.session().then(show, fail);
    </script>
  </body>
</html>`;
