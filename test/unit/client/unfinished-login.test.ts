import { describe, expect, test } from "vitest";
import { createBrowser, type Options } from "./browser.ts";
import { MINJI, SIGNED_OUT } from "./signed-in.ts";

const REFUSED = { status: 400, body: '{"error":"invalid_grant"}' };

/** A page that minji comes back to, and whose exchange goes wrong as the test says. */
const comingBack = async (options?: Options) => {
  const browser = createBrowser(options);
  const tab = browser.openTab();
  const page = await tab.logIn("minji");
  return { ...browser, tab, page, client: () => page.client() };
};

/** The same after an outage between the exchange, whose answer was lost, and the check of its cookie. */
const leftOver = async () => {
  const browser = await comingBack();
  browser.authHost.lose("/session/exchange", "unreachable");
  browser.authHost.fail("/session", "unreachable");
  await expect(browser.client().session()).rejects.toMatchObject({ code: "network" });
  return browser;
};

describe("logout() after a login that is not finished", () => {
  test("finishes what an outage left over, and ends it", async () => {
    const { authHost, client } = await leftOver();
    await client().logout();
    expect(authHost.sessions.size).toBe(0);
    expect(await client().session()).toEqual(SIGNED_OUT);
  });

  test("rejects while that outage lasts", async () => {
    const { authHost, client } = await leftOver();
    authHost.fail("/session", "unreachable");
    await expect(client().logout()).rejects.toMatchObject({ code: "network" });
    expect(await client().session()).toEqual(MINJI);
  });

  test.each([true, false])(
    "rejects when the code is spent: without a session it would end nothing (keepsCookies: %s)",
    async (keepsCookies) => {
      const { authHost, client } = await comingBack({ keepsCookies });
      for (let exchange = 0; exchange < 2; exchange++) authHost.lose("/session/exchange", "unreachable");
      await expect(client().session()).rejects.toMatchObject({ code: "network" });
      await expect(client().logout()).rejects.toMatchObject({ code: "network" });
      await expect(client().logout()).rejects.toMatchObject({ code: "network" });
      expect(authHost.sessions.size).toBe(1);
      expect(authHost.calls).not.toContain("POST /logout cookie");
    },
  );

  test("rejects when session() has met the refusal before", async () => {
    const { authHost, client } = await leftOver();
    authHost.fail("/session/exchange", REFUSED);
    expect(await client().session()).toEqual(SIGNED_OUT);
    await expect(client().logout()).rejects.toMatchObject({ code: "network" });
  });

  test.each([
    ["before session() has settled", false],
    ["after session() said so", true],
  ])("rejects when the code was refused at once, %s: the auth host has a login all the same", async (_when, asks) => {
    const { authHost, client } = await comingBack();
    authHost.fail("/session/exchange", REFUSED);
    if (asks) expect(await client().session()).toEqual(SIGNED_OUT);
    await expect(client().logout()).rejects.toMatchObject({ code: "network" });
    expect(client().error).toMatchObject({ code: "invalid_grant" });
    expect(authHost.calls).not.toContain("POST /logout cookie");
  });

  test("never leaves the page that the code came back to, and ends the login after a reload", async () => {
    const { authHost, tab, page, client } = await comingBack();
    for (let exchange = 0; exchange < 2; exchange++) authHost.lose("/session/exchange", "unreachable");
    await expect(client().session()).rejects.toMatchObject({ code: "network" });
    await expect(client().logout()).rejects.toMatchObject({ code: "network" });
    expect(page.navigations).toEqual([]);

    const reloaded = tab.open();
    void reloaded.client().logout();
    const back = tab.open(authHost.login(await reloaded.left(), "minji")).client();
    expect(await back.session()).toEqual(SIGNED_OUT);
    expect(authHost.sessions.size).toBe(0);
    expect(authHost.calls.at(-2)).toMatch("POST /logout");
  });

  test("is done once the auth host says that nobody is signed in", async () => {
    const { authHost, tab, client } = await comingBack();
    authHost.fail("/session/exchange", REFUSED);
    await expect(client().logout()).rejects.toMatchObject({ code: "network" });
    const reloaded = tab.open();
    void reloaded.client().logout();
    const back = tab.open(authHost.login(await reloaded.left(), null));
    await back.client().logout();
    expect(back.navigations).toEqual([]);
  });
});
