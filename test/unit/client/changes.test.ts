import { describe, expect, test, vi } from "vitest";
import { createBrowser } from "./browser.ts";
import { nextTurn } from "./page.ts";
import { MINJI, SIGNED_OUT, signedIn } from "./signed-in.ts";

describe("onChange()", () => {
  test("hears when session() finds another user, or nobody, and not when nothing changed", async () => {
    const { authHost, cookies, client, heard } = await signedIn();
    await client.session();
    authHost.sessions.set("other", "junho");
    cookies.set("session", "other");
    await client.session();
    cookies.clear();
    await client.session();
    await client.session();
    await nextTurn();
    expect(heard.mock.calls).toEqual([[{ user: { id: "junho" }, session: { id: "login-of-junho" } }], [SIGNED_OUT]]);
  });

  test("is quiet at the first answer of a page: nothing changed", async () => {
    const client = createBrowser().openTab().open().client();
    const heard = vi.fn();
    client.onChange(heard);
    await client.session();
    await nextTurn();
    expect(heard).not.toHaveBeenCalled();
  });

  test("is quiet after it was ended, and other listeners are not", async () => {
    const { client, heard } = await signedIn();
    const ended = vi.fn();
    client.onChange(ended)();
    await client.logout();
    await nextTurn();
    expect(ended).not.toHaveBeenCalled();
    expect(heard).toHaveBeenCalledTimes(1);
  });

  test("hears of a logout in another tab", async () => {
    const { client, heard, openTab } = await signedIn();
    const other = openTab().open().client();
    await other.session();
    await other.logout();
    await vi.waitFor(() => expect(heard.mock.calls).toEqual([[SIGNED_OUT]]));
    expect(client.transport).toBeNull();
  });

  test("hears of a login in another tab", async () => {
    const { openTab } = createBrowser();
    const client = openTab().open().client();
    await client.session();
    const heard = vi.fn();
    client.onChange(heard);
    await (await openTab().logIn("minji")).client().session();
    await vi.waitFor(() => expect(heard.mock.calls).toEqual([[MINJI]]));
  });

  test("hears of a login in another tab although its own check was under way", async () => {
    const { authHost, openTab } = createBrowser();
    const client = openTab().open().client();
    const heard = vi.fn();
    client.onChange(heard);
    const release = authHost.hold("/session");
    const stale = client.session();
    await nextTurn();
    await (await openTab().logIn("minji")).client().session();
    release();
    expect(await stale).toEqual(SIGNED_OUT);
    await vi.waitFor(() => expect(heard.mock.calls).toEqual([[MINJI]]));
  });

  test("hears once that a bearer was ended elsewhere, and the dead token is dropped", async () => {
    const { authHost, client, heard } = await signedIn({ keepsCookies: false });
    authHost.endAll();
    expect(await client.session()).toEqual(SIGNED_OUT);
    expect(await client.session()).toEqual(SIGNED_OUT);
    await nextTurn();
    expect(heard.mock.calls).toEqual([[SIGNED_OUT]]);
    expect(authHost.calls).toEqual(["GET /session bearer", "GET /session cookie"]);
  });

  test("never makes a page leave that did not ask: another tab's bearer login is not ours", async () => {
    const { authHost, openTab } = createBrowser({ keepsCookies: false });
    const idle = openTab().open();
    idle.client();
    const asked = openTab().open();
    await asked.client().session();
    await (await openTab().logIn("minji")).client().session();
    await nextTurn();
    await nextTurn();
    expect([...idle.navigations, ...asked.navigations]).toEqual([]);
    expect(authHost.sessions.size).toBe(1);
  });

  test("two tabs do not keep telling each other", async () => {
    const { authHost, client, openTab } = await signedIn();
    const other = openTab().open().client();
    await other.session();
    await client.logout();
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    const calls = authHost.calls.length;
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    expect(authHost.calls.length).toBe(calls);
  });
});

describe("a page that the back button brings back", () => {
  test("looks again: it may have been left signed in, and come back to signed out", async () => {
    const { cookies, page, heard } = await signedIn();
    cookies.clear();
    page.show(true);
    await vi.waitFor(() => expect(heard.mock.calls).toEqual([[SIGNED_OUT]]));
  });

  test("does not when it was loaded anew, or never asked", async () => {
    const { authHost, page, openTab } = await signedIn();
    page.show(false);
    const idle = openTab().open();
    idle.client();
    idle.show(true);
    await nextTurn();
    expect(authHost.calls).toEqual([]);
  });
});
