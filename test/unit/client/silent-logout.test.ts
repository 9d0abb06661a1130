import { describe, expect, test, vi } from "vitest";
import { APP_ORIGIN } from "./browser.ts";
import { nextTurn } from "./page.ts";
import { MINJI, SIGNED_OUT, signedIn } from "./signed-in.ts";

const OUTAGE = { status: 503, body: '{"error":"temporarily_unavailable"}' };

/** A reload of a page whose session was a bearer: the token is gone, the login at the auth host is not. */
const reloaded = async (address = "/") => {
  const browser = await signedIn({ keepsCookies: false });
  const page = browser.tab.open(address);
  return { ...browser, page, client: page.client() };
};

describe("logout() on a page whose bearer went with the page before", () => {
  test("comes back with a session once, and ends the login with it", async () => {
    const { authHost, tab, page, client } = await reloaded("/cart?step=2#total");
    void client.logout();
    const address = await page.left();
    expect(Object.fromEntries(new URL(address).searchParams)).toMatchObject({ prompt: "none", session_only: "true" });
    expect(page.navigations).toMatchObject([{ kind: "replace" }]);

    const back = tab.open(authHost.login(address, "minji"));
    const heard = vi.fn();
    back.client().onChange(heard);
    expect(await back.client().session()).toEqual(SIGNED_OUT);
    expect(authHost.calls).toContain("POST /logout bearer");
    expect(authHost.sessions.size).toBe(0);
    expect(back.location.href).toBe(`${APP_ORIGIN}/cart?step=2#total`);
    expect(back.client()).toMatchObject({ error: null, transport: null });
    await nextTurn();
    // Nobody is shown as signed in on the way.
    expect(heard.mock.calls).toEqual([[SIGNED_OUT]]);
  });

  test("does so on the page that comes back, though nobody asks there", async () => {
    const { authHost, tab, page, client } = await reloaded();
    void client.logout();
    tab.open(authHost.login(await page.left(), "minji")).client();
    await vi.waitFor(() => expect(authHost.sessions.size).toBe(0));
  });

  test("is told to other tabs, and no reload undoes it", async () => {
    const { authHost, tab, page, client, openTab } = await reloaded();
    const other = openTab();
    const otherClient = (await other.logIn("minji")).client();
    expect(await otherClient.session()).toEqual(MINJI);
    const heard = vi.fn();
    otherClient.onChange(heard);
    void client.logout();
    await tab
      .open(authHost.login(await page.left(), "minji"))
      .client()
      .session();
    await vi.waitFor(() => expect(heard.mock.calls).toEqual([[SIGNED_OUT]]));
    const next = tab.open();
    expect(await next.client().session()).toEqual(SIGNED_OUT);
    expect(next.navigations).toEqual([]);
  });

  test("ends it as well when session() was called, and has not settled", async () => {
    const { authHost, tab, page, client } = await reloaded();
    void client.session();
    void client.logout();
    const back = tab.open(authHost.login(await page.left(), "minji"));
    expect(await back.client().session()).toEqual(SIGNED_OUT);
    expect(authHost.sessions.size).toBe(0);
    expect(page.navigations).toHaveLength(1);
  });

  test("takes 'everywhere' along", async () => {
    const { authHost, tab, page, client } = await reloaded();
    void client.logout({ everywhere: true });
    await tab
      .open(authHost.login(await page.left(), "minji"))
      .client()
      .session();
    expect(authHost.bodies.at(-1)).toEqual({ everywhere: true });
  });

  test("is done when the auth host knows nobody any more", async () => {
    const { authHost, tab, page, client } = await reloaded();
    void client.logout();
    const back = tab.open(authHost.login(await page.left(), null));
    expect(await back.client().session()).toEqual(SIGNED_OUT);
    expect(back.client().error).toBeNull();
    const next = tab.open();
    await next.client().logout();
    expect([...back.navigations, ...next.navigations]).toEqual([]);
  });

  test("ends a session that the browser keeps in a cookie by now, and stays", async () => {
    const { settings, authHost, cookies, page, client } = await reloaded();
    settings.keepsCookies = true;
    authHost.sessions.set("kept", "minji");
    cookies.set("session", "kept");
    await client.logout();
    expect(authHost.sessions.size).toBe(0);
    expect(page.navigations).toEqual([]);
  });
});

describe("such a logout that does not come to its end", () => {
  test("rejects during an outage, leaves for nowhere, and may be tried again", async () => {
    const { authHost, page, client } = await reloaded();
    authHost.fail("/session", OUTAGE);
    await expect(client.logout()).rejects.toMatchObject({ code: "temporarily_unavailable" });
    expect(page.navigations).toEqual([]);
    void client.logout();
    await page.left();
  });

  test("rejects when somebody stopped the leaving", async () => {
    const { authHost, page, client } = await reloaded();
    const logout = client.logout();
    await page.left();
    await nextTurn();
    page.waitTenSeconds();
    await expect(logout).rejects.toMatchObject({ code: "network" });
    expect(authHost.sessions.size).toBe(1);
  });

  test("rejects instead of leaving again when it came back with a fault, so that no page goes round in circles", async () => {
    const { authHost, tab, page, client } = await reloaded();
    void client.logout();
    const back = tab.open(authHost.login(await page.left(), null, "temporarily_unavailable"));
    await expect(back.client().logout()).rejects.toMatchObject({ code: "network" });
    expect(back.client().error).toMatchObject({ code: "temporarily_unavailable" });
    expect(back.navigations).toEqual([]);
  });

  test("shows who is still signed in when the last call failed, and the next logout() ends it", async () => {
    const { authHost, tab, page, client } = await reloaded();
    void client.logout();
    const back = tab.open(authHost.login(await page.left(), "minji")).client();
    authHost.fail("/logout", OUTAGE);
    expect(await back.session()).toEqual(MINJI);
    await back.logout();
    expect(authHost.sessions.size).toBe(0);
  });
});
