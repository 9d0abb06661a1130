import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Isolates, startIsolates } from "../worker/support/isolates.ts";
import { cookies, proofOf, storeSession } from "../worker/support/sessions.ts";
import { AUTH } from "../worker/support/worker.ts";
import { startNginx } from "./nginx.ts";

/** The page behind nginx, which trusts the names that nginx sends and nothing else. */
let reached: IncomingMessage[];
let isolates: Isolates<"auth" | "elsewhere">;
let nginx: Awaited<ReturnType<typeof startNginx>>;
const servers: Server[] = [];

const serve = async (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> => {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

const LAG = 2000;

beforeAll(async () => {
  const vars = { REVOCATION_LAG_SECONDS: String(LAG / 1000) };
  isolates = await startIsolates({ auth: { vars }, elsewhere: { vars } });
  const auth = await serve(async (request, response) => {
    const headers = Object.entries(request.headers).flatMap(([name, value]) =>
      name === "connection" || name === "host" ? [] : [[name, String(value)] as [string, string]],
    );
    const answer = await isolates.auth.fetch(request.url ?? "/", { method: request.method ?? "GET", headers });
    const lines = [...answer.headers].filter(([name]) => name !== "set-cookie");
    response.writeHead(answer.status, [
      ...lines.flat(),
      ...answer.headers.getSetCookie().flatMap((line) => ["Set-Cookie", line]),
    ]);
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  const page = await serve((request, response) => {
    reached.push(request);
    response.end(`protected ${request.url}`);
  });
  nginx = await startNginx(`
    location / {
      auth_request /session/verify;
      auth_request_set $user_id $upstream_http_x_auth_user_id;
      auth_request_set $session_id $upstream_http_x_auth_session_id;
      auth_request_set $proof $upstream_http_set_cookie;
      auth_request_set $auth_status $upstream_status;
      add_header Set-Cookie $proof;
      proxy_set_header X-Auth-User-Id $user_id;
      proxy_set_header X-Auth-Session-Id $session_id;
      proxy_pass http://127.0.0.1:${page};
      error_page 401 =302 ${AUTH}/?redirect_to=https://app.shop.test$request_uri;
      error_page 500 = @unavailable;
    }
    location = /session/verify {
      internal;
      proxy_pass http://127.0.0.1:${auth};
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }
    location @unavailable {
      if ($auth_status = 503) {
        add_header Retry-After 5 always;
        return 503;
      }
      return 500;
    }`);
});
beforeEach(() => {
  reached = [];
});
afterAll(async () => {
  await nginx?.close();
  for (const server of servers) server.close();
  await isolates?.close();
});

const visit = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(nginx.origin + path, { headers, redirect: "manual" });

describe("a page behind nginx with auth_request", () => {
  it("is shown to whoever has a session, and knows who it is", async () => {
    const session = await storeSession(isolates.db);
    const answer = await visit("/orders?page=2", cookies(session));
    expect([answer.status, await answer.text()]).toEqual([200, "protected /orders?page=2"]);
    expect(reached.map(({ headers }) => headers["x-auth-user-id"])).toEqual([session.userId]);
    expect(reached.map(({ headers }) => headers["x-auth-session-id"])).toEqual([session.loginId]);
  });

  it("hands the proof on to the browser, and the next page costs D1 nothing", async () => {
    const session = await storeSession(isolates.db);
    const first = await visit("/", cookies(session));
    const proof = /^__Host-proof=([^;]+)/.exec(first.headers.getSetCookie()[0] ?? "")?.[1] ?? "";
    expect(proof).not.toBe("");
    await isolates.auth.usage();
    const second = await visit("/", cookies(session, proof));
    expect([second.status, second.headers.getSetCookie()]).toEqual([200, []]);
    expect((await isolates.auth.usage()).trips).toBe(0);
  });

  it("is not reached by a stranger, who is led to the login page and back", async () => {
    for (const headers of [{}, cookies({ token: "u".repeat(43) }), { Cookie: "__Host-proof=x.y" }]) {
      const answer = await visit("/orders", headers);
      expect(answer.status).toBe(302);
      expect(answer.headers.get("Location")).toBe(`${AUTH}/?redirect_to=https://app.shop.test/orders`);
    }
    expect(reached).toEqual([]);
  });

  it("is never told a user by the visitor (CWE-290)", async () => {
    const session = await storeSession(isolates.db);
    const forged = { "X-Auth-User-Id": "admin", "X-Auth-Session-Id": "admin" };
    expect((await visit("/", forged)).status).toBe(302);
    await visit("/", { ...forged, ...cookies(session) });
    expect(reached.map(({ headers }) => headers["x-auth-user-id"])).toEqual([session.userId]);
  });

  it("asks with GET whatever the visitor's method, and sends no body along", async () => {
    const session = await storeSession(isolates.db);
    const answer = await fetch(`${nginx.origin}/orders`, { method: "POST", body: "a=1", headers: cookies(session) });
    expect(answer.status).toBe(200);
    expect(reached.map(({ method }) => method)).toEqual(["POST"]);
  });

  it("shuts within the lag when the session is ended elsewhere", async () => {
    const session = await storeSession(isolates.db);
    const known = cookies(session, await proofOf(isolates.elsewhere, session));
    expect((await visit("/", known)).status).toBe(200);
    const unsafe = { ...known, Origin: AUTH };
    await isolates.elsewhere.fetch("/logout", { method: "POST", headers: unsafe });
    await new Promise((resolve) => setTimeout(resolve, LAG + 50));
    expect((await visit("/", known)).status).toBe(302);
  });

  it("says 503 and not 'signed out' while D1 is down, and opens again by itself", async () => {
    const session = await storeSession(isolates.db);
    await isolates.auth.setFault({ kind: "fails" });
    const answer = await visit("/", cookies(session));
    await isolates.auth.setFault({ kind: "none" });
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "5"]);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(reached).toEqual([]);
    expect((await visit("/", cookies(session))).status).toBe(200);
  });
});
