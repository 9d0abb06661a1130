import { describe, expect, test } from "vitest";
import { nextTurn } from "./page.ts";
import { MINJI, SIGNED_OUT, signedIn } from "./signed-in.ts";

const OUTAGE = { status: 503, body: '{"error":"temporarily_unavailable"}' };
const JISOO = { user: { id: "jisoo" }, session: { id: "login-of-jisoo" } };

/** A reload of a page whose session was a bearer: a logout has to leave it for a session to end. */
const reloaded = async () => {
  const browser = await signedIn({ keepsCookies: false });
  const page = browser.tab.open();
  return { ...browser, page, client: page.client() };
};

describe("a logout() that rejected is over", () => {
  test("no later session() carries it out", async () => {
    const { authHost, tab, page, client } = await reloaded();
    authHost.fail("/session", OUTAGE);
    await expect(client.logout({ everywhere: true })).rejects.toMatchObject({ code: "temporarily_unavailable" });
    void client.session();
    const back = tab.open(authHost.login(await page.left(), "minji"));
    expect(await back.client().session()).toEqual(MINJI);
    expect(authHost.calls.filter((call) => call.startsWith("POST /logout"))).toEqual([]);
  });

  test("least of all on somebody who logged in in another tab meanwhile", async () => {
    const { authHost, tab, page, client, openTab } = await reloaded();
    authHost.fail("/session", OUTAGE);
    await expect(client.logout({ everywhere: true })).rejects.toMatchObject({ code: "temporarily_unavailable" });
    authHost.endAll();
    await (await openTab().logIn("jisoo")).client().session();
    void client.session();
    const back = tab.open(authHost.login(await page.left(), "jisoo"));
    expect(await back.client().session()).toEqual(JISOO);
    expect([...authHost.sessions.values()]).toContain("jisoo");
  });

  test("when the person chose to stay: session() leaves this page no second time", async () => {
    const { authHost, page, client } = await reloaded();
    const logout = client.logout();
    await page.left();
    await nextTurn();
    page.waitTenSeconds();
    await expect(logout).rejects.toMatchObject({ code: "network" });
    expect(await client.session()).toEqual(SIGNED_OUT);
    expect(page.navigations).toHaveLength(1);
    await expect(client.logout()).rejects.toMatchObject({ code: "network" });
    expect(authHost.sessions.size).toBe(1);
  });

  test("and takes no other logout() along that waits behind it", async () => {
    const { authHost, tab, page, client } = await reloaded();
    for (let call = 0; call < 2; call++) authHost.fail("/session", OUTAGE);
    const first = client.logout();
    const between = client.session();
    void client.logout({ everywhere: true });
    await expect(first).rejects.toMatchObject({ code: "temporarily_unavailable" });
    await expect(between).rejects.toMatchObject({ code: "temporarily_unavailable" });
    await tab
      .open(authHost.login(await page.left(), "minji"))
      .client()
      .session();
    expect(authHost.bodies.at(-1)).toEqual({ everywhere: true });
  });

  test("while one that waits behind it goes along with a session() between the two", async () => {
    const { authHost, tab, page, client } = await reloaded();
    authHost.fail("/session", OUTAGE);
    const first = client.logout();
    void client.session();
    void client.logout({ everywhere: true });
    await expect(first).rejects.toMatchObject({ code: "temporarily_unavailable" });
    const back = tab.open(authHost.login(await page.left(), "minji"));
    expect(await back.client().session()).toEqual(SIGNED_OUT);
    expect(authHost.bodies.at(-1)).toEqual({ everywhere: true });
  });
});

describe("a logout() that had to leave and comes back as somebody else", () => {
  /** Minji's logout comes back on a page where jisoo is signed in by now. */
  const comingBackAsJisoo = async () => {
    const browser = await reloaded();
    void browser.client.logout({ everywhere: true });
    const address = await browser.page.left();
    browser.authHost.endAll();
    const back = browser.tab.open(browser.authHost.login(address, "jisoo"));
    return { ...browser, back };
  };

  test("ends nobody's login, and shows who is signed in", async () => {
    const { authHost, back } = await comingBackAsJisoo();
    expect(await back.client().session()).toEqual(JISOO);
    expect(back.client()).toMatchObject({ transport: "bearer", error: null });
    expect([...authHost.sessions.values()]).toEqual(["jisoo"]);
    expect(authHost.calls.filter((call) => call.startsWith("POST /logout"))).toEqual([]);
  });

  test("does not do so later either, unless somebody asks for it there", async () => {
    const { authHost, back } = await comingBackAsJisoo();
    await back.client().session();
    await back.client().session();
    expect([...authHost.sessions.values()]).toEqual(["jisoo"]);
    await back.client().logout();
    expect(authHost.sessions.size).toBe(0);
    expect(await back.client().session()).toEqual(SIGNED_OUT);
  });

  test("holds for whoever logged in here while the logout was under way", async () => {
    const { authHost, tab, page, client, openTab } = await reloaded();
    const release = authHost.hold("/session");
    void client.logout({ everywhere: true });
    await nextTurn();
    authHost.endAll();
    await (await openTab().logIn("jisoo")).client().session();
    release();
    const back = tab.open(authHost.login(await page.left(), "jisoo"));
    expect(await back.client().session()).toEqual(JISOO);
    expect([...authHost.sessions.values()]).toContain("jisoo");
  });
});
