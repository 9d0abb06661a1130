import { describe, expect, test } from "vitest";
import { serverRenderedFrontend } from "../../frontends/server-rendered/app.ts";

const ORIGIN = "https://ssr.shop.test";
const AUTH = "https://auth.shop.test";

/** The front end beside an auth host that gives `answer`, and the requests that reached that host. */
function frontendBeside(answer: () => Response | Promise<Response>) {
  const asked: Request[] = [];
  const app = serverRenderedFrontend({
    origin: ORIGIN,
    authOrigin: AUTH,
    ask: async (request) => {
      asked.push(request);
      return answer();
    },
  });
  const open = async (path: string, cookie?: string) =>
    app.request(`${ORIGIN}${path}`, { headers: cookie === undefined ? {} : { Cookie: cookie } });
  return { asked, open };
}

const signedIn = (nickname: string, headers: [string, string][] = []) =>
  Response.json({ user: { nickname, email: null }, session: { id: "s" } }, { headers });
const signedOut = () => Response.json({ user: null, session: null });

describe("the server-rendered front end", () => {
  test("asks the auth host with the visitor's cookies", async () => {
    const { asked, open } = frontendBeside(() => signedIn("라이언"));
    await open("/", "__Secure-session=abc");
    expect(asked.map(({ url }) => url)).toEqual([`${AUTH}/session`]);
    expect(asked[0]?.headers.get("Cookie")).toBe("__Secure-session=abc");
  });

  test("hands every cookie of a renewed session on to the browser", async () => {
    const cookies = ["__Secure-session=abc; Max-Age=60; Domain=shop.test", "__Secure-other=def"];
    const { open } = frontendBeside(() =>
      signedIn(
        "라이언",
        cookies.map((cookie) => ["Set-Cookie", cookie]),
      ),
    );
    expect((await open("/", "__Secure-session=abc")).headers.getSetCookie()).toEqual(cookies);
  });

  test("is kept by no cache", async () => {
    const { open } = frontendBeside(() => signedIn("라이언"));
    expect((await open("/")).headers.get("Cache-Control")).toBe("no-store");
  });

  test("shows a nickname as text, whatever it is (CWE-79)", async () => {
    const { open } = frontendBeside(() => signedIn("<script>alert(1)</script>"));
    expect(await (await open("/")).text()).not.toContain("<script");
  });

  test("sends a signed-out visitor to the login and back here", async () => {
    const answer = await frontendBeside(signedOut).open("/");
    expect(answer.status).toBe(302);
    expect(answer.headers.get("Location")).toBe(`${AUTH}/login/kakao?redirect_to=${encodeURIComponent(`${ORIGIN}/`)}`);
  });

  test("shows the error of a failed login as text, and starts no other login", async () => {
    const answer = await frontendBeside(signedOut).open("/?error=%3Cscript%3Elogin_failed");
    expect(answer.status).toBe(200);
    const page = await answer.text();
    expect(page).toContain("login_failed");
    expect(page).not.toContain("<script");
  });

  test.each([
    ["answers 503", () => Response.json({ error: "temporarily_unavailable" }, { status: 503 })],
    ["answers with something else than JSON", () => new Response("<html>")],
    ["is not reached", () => Promise.reject(new TypeError("fetch failed"))],
  ])("says so, and starts no login, while the auth host %s", async (_how, answer) => {
    const response = await frontendBeside(answer).open("/", "__Secure-session=abc");
    expect(response.status).toBe(503);
    expect(response.headers.get("Retry-After")).not.toBeNull();
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await response.text()).toContain('data-state="unreachable"');
  });
});
