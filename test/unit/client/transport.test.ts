import { describe, expect, test, vi } from "vitest";
import { AUTH_ORIGIN } from "./auth-host.ts";
import { createBrowser } from "./browser.ts";

const STORED = `kakao-auth ${AUTH_ORIGIN}`;

describe("a browser that keeps the cookie", () => {
  test("takes the cookie, asks once whether it was kept, and has nothing to remember", async () => {
    const { authHost, localStorage, openTab } = createBrowser();
    const client = (await openTab().logIn("minji")).client();
    expect(await client.session()).toEqual({ user: { id: "minji" }, session: { id: "login-of-minji" } });
    expect(client.transport).toBe("cookie");
    expect([...localStorage.entries]).toEqual([[STORED, "null"]]);
    expect(authHost.calls).toEqual(["POST /session/exchange cookie", "GET /session cookie"]);
  });

  test("is signed in after a reload, without leaving the page", async () => {
    const tab = createBrowser().openTab();
    await (await tab.logIn("minji")).client().session();
    const page = tab.open();
    expect(await page.client().session()).toMatchObject({ user: { id: "minji" } });
    expect(page.client().transport).toBe("cookie");
    expect(page.navigations).toEqual([]);
  });

  test("that kept only an earlier user's cookie is not taken for the new user", async () => {
    const { authHost, cookies, openTab } = createBrowser();
    const tab = openTab();
    await (await tab.logIn("minji")).client().session();
    const old = cookies.get("session") ?? "";
    const page = await tab.logIn("junho");
    const release = authHost.hold("/session/exchange");
    const client = page.client();
    await vi.waitFor(() => expect(authHost.calls.at(-1)).toBe("POST /session/exchange cookie"));
    cookies.set("session", old);
    release();
    expect(await client.session()).toMatchObject({ user: { id: "junho" } });
    expect(client.transport).toBe("bearer");
  });
});

describe("a browser that drops the cookie", () => {
  test("finds out by trying, and takes a bearer instead", async () => {
    const { authHost, localStorage, openTab } = createBrowser({ keepsCookies: false });
    const client = (await openTab().logIn("minji")).client();
    expect(await client.session()).toEqual({ user: { id: "minji" }, session: { id: "login-of-minji" } });
    expect(client.transport).toBe("bearer");
    expect([...localStorage.entries]).toEqual([[STORED, '{"by":"bearer","id":"minji"}']]);
    expect(authHost.calls).toEqual([
      "POST /session/exchange cookie",
      "GET /session cookie",
      "POST /session/exchange bearer",
    ]);
    expect(authHost.sessions.size).toBe(1);
  });

  test("takes the bearer at once the next time", async () => {
    const { authHost, openTab } = createBrowser({ keepsCookies: false });
    const tab = openTab();
    await (await tab.logIn("minji")).client().session();
    const page = await tab.logIn("minji");
    authHost.calls.length = 0;
    await page.client().session();
    expect(authHost.calls).toEqual(["POST /session/exchange bearer"]);
  });

  test("keeps the token out of every storage and every answer", async () => {
    const { authHost, localStorage, openTab } = createBrowser({ keepsCookies: false });
    const tab = openTab();
    const client = (await tab.logIn("minji")).client();
    const answer = await client.session();
    const [token = ""] = authHost.sessions.keys();
    expect(token).not.toBe("");
    const inSight = [...localStorage.entries.values(), ...tab.sessionStorage.entries.values(), JSON.stringify(answer)];
    for (const text of inSight) expect(text).not.toContain(token);
    expect(JSON.stringify(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(client)))).not.toContain(token);
  });

  test("asks with the bearer from then on", async () => {
    const { authHost, openTab } = createBrowser({ keepsCookies: false });
    const client = (await openTab().logIn("minji")).client();
    await client.session();
    expect(await client.session()).toMatchObject({ user: { id: "minji" } });
    expect(authHost.calls.at(-1)).toBe("GET /session bearer");
  });

  test("works with storage for the attempt alone: what cannot be remembered is tried again", async () => {
    const { authHost, localStorage, openTab } = createBrowser({ keepsCookies: false });
    localStorage.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    const client = (await openTab().logIn("minji")).client();
    expect(await client.session()).toMatchObject({ user: { id: "minji" } });
    expect(authHost.calls).toHaveLength(3);
  });
});

describe("an exchange that fails", () => {
  test("for the rate limit rejects, and the next session() finishes the login by the same transport", async () => {
    const { authHost, openTab } = createBrowser();
    const page = await openTab().logIn("minji");
    authHost.fail("/session/exchange", { status: 429, body: '{"error":"rate_limited"}' });
    const client = page.client();
    await expect(client.session()).rejects.toMatchObject({ code: "rate_limited" });
    expect(authHost.calls).toEqual(["POST /session/exchange cookie"]);
    expect(await client.session()).toMatchObject({ user: { id: "minji" } });
    expect(client).toMatchObject({ error: null, transport: "cookie" });
  });

  test("between the cookie and the fall-back goes on where it stopped", async () => {
    const { authHost, openTab } = createBrowser({ keepsCookies: false });
    const page = await openTab().logIn("minji");
    authHost.fail("/session", "unreachable");
    const client = page.client();
    await expect(client.session()).rejects.toMatchObject({ code: "network" });
    expect(await client.session()).toMatchObject({ user: { id: "minji" } });
    expect(authHost.calls.filter((call) => call === "POST /session/exchange cookie")).toHaveLength(1);
  });

  test.each([
    { keepsCookies: true, status: 400, code: "invalid_grant" },
    { keepsCookies: false, status: 400, code: "invalid_grant" },
    { keepsCookies: true, status: 403, code: "invalid_origin" },
    { keepsCookies: true, status: 499, code: "a_proxy_s_own" },
  ])("for good ($status, keepsCookies: $keepsCookies) is told once and not tried again", async (refusal) => {
    const { keepsCookies, status, code } = refusal;
    const { authHost, openTab } = createBrowser({ keepsCookies });
    const page = await openTab().logIn("minji");
    authHost.fail("/session/exchange", { status, body: JSON.stringify({ error: code }) });
    const client = page.client();
    expect(await client.session()).toEqual({ user: null, session: null });
    expect(client.error).toMatchObject({ code, status });
    await client.session();
    expect(authHost.calls.filter((call) => call.startsWith("POST"))).toHaveLength(1);
    expect(page.navigations).toEqual([]);
  });

  test("for good leaves an earlier session as it was, and is told", async () => {
    const { authHost, openTab } = createBrowser();
    const tab = openTab();
    await (await tab.logIn("minji")).client().session();
    const page = await tab.logIn("junho");
    authHost.calls.length = 0;
    authHost.fail("/session/exchange", { status: 400, body: '{"error":"invalid_grant"}' });
    const client = page.client();
    expect(await client.session()).toMatchObject({ user: { id: "minji" } });
    expect(client.error).toMatchObject({ code: "invalid_grant" });
    expect(authHost.calls).toEqual(["POST /session/exchange cookie", "GET /session cookie"]);
  });

  test("for good at the fall-back leaves nobody signed in", async () => {
    const { authHost, openTab } = createBrowser({ keepsCookies: false });
    const page = await openTab().logIn("minji");
    authHost.fail("/session", "unreachable");
    const client = page.client();
    await expect(client.session()).rejects.toMatchObject({ code: "network" });
    authHost.fail("/session/exchange", { status: 400, body: '{"error":"invalid_grant"}' });
    expect(await client.session()).toEqual({ user: null, session: null });
    expect(client.transport).toBeNull();
    expect(client.error).toMatchObject({ code: "invalid_grant" });
  });
});
