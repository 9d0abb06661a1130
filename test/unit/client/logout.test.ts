import { describe, expect, test } from "vitest";
import { createBrowser } from "./browser.ts";
import { nextTurn } from "./page.ts";
import { MINJI, SIGNED_OUT, signedIn } from "./signed-in.ts";

describe("logout()", () => {
  test.each([
    { keepsCookies: true, transport: "cookie" },
    { keepsCookies: false, transport: "bearer" },
  ])("ends the session by $transport and is told to every tab", async ({ keepsCookies, transport }) => {
    const { authHost, client, heard, openTab } = await signedIn({ keepsCookies });
    await client.logout();
    expect(authHost.calls).toEqual([`POST /logout ${transport}`]);
    expect(authHost.sessions.size).toBe(0);
    await nextTurn();
    expect(heard.mock.calls).toEqual([[SIGNED_OUT]]);
    expect(client.transport).toBeNull();
    expect(await openTab().open().client().session()).toEqual(SIGNED_OUT);
  });

  test("hands 'everywhere' on", async () => {
    const { authHost, client } = await signedIn();
    await client.logout({ everywhere: true });
    expect(authHost.bodies.at(-1)).toEqual({ everywhere: true });
  });

  test("that fails rejects, and nobody is told that it worked", async () => {
    const { authHost, client, heard } = await signedIn();
    authHost.fail("/logout", { status: 503, body: '{"error":"temporarily_unavailable"}' });
    await expect(client.logout()).rejects.toMatchObject({ code: "temporarily_unavailable" });
    await nextTurn();
    expect(heard).not.toHaveBeenCalled();
    expect(await client.session()).toEqual(MINJI);
  });

  test("cannot be undone by a check that was under way", async () => {
    const { authHost, client, heard } = await signedIn();
    const release = authHost.hold("/session");
    const before = client.session();
    const logout = client.logout();
    const after = client.session();
    await nextTurn();
    release();
    await logout;
    expect(await before).toEqual(MINJI);
    expect(await after).toEqual(SIGNED_OUT);
    await nextTurn();
    expect(heard.mock.lastCall).toEqual([SIGNED_OUT]);
  });

  test("waits for a login that is being finished, and ends it", async () => {
    const { authHost, openTab } = createBrowser({ keepsCookies: false });
    const client = (await openTab().logIn("minji")).client();
    await client.logout();
    expect(authHost.sessions.size).toBe(0);
    expect(await client.session()).toEqual(SIGNED_OUT);
  });

  test.each([
    ["an empty object", { status: 200, body: "{}" }],
    ["a page that says OK", { status: 200, body: "<h1>OK" }],
    ["who is still signed in", { status: 200, body: '{"user":{"id":"minji"}}' }],
    ["that it was accepted for later", { status: 202, body: "" }],
  ])("takes only 204 for done, not %s", async (_name, fault) => {
    const { authHost, client } = await signedIn();
    authHost.fail("/logout", fault);
    await expect(client.logout()).rejects.toMatchObject({ code: "temporarily_unavailable" });
    expect(await client.session()).toEqual(MINJI);
  });

  test("where the cookie is the transport needs no session() before it, and one call", async () => {
    const { authHost, tab } = await signedIn();
    const page = tab.open();
    await page.client().logout();
    expect(authHost.calls).toEqual(["POST /logout cookie"]);
    expect(authHost.sessions.size).toBe(0);
    expect(page.navigations).toEqual([]);
  });

  test("on a page that never asked makes it no page that leaves for another tab's login", async () => {
    const { settings, tab, openTab } = await signedIn();
    const page = tab.open();
    await page.client().logout();
    settings.keepsCookies = false;
    await (await openTab().logIn("minji")).client().session();
    await nextTurn();
    await nextTurn();
    expect(page.navigations).toEqual([]);
  });
});
