import { describe, expect, test } from "vitest";
import { createBrowser } from "./browser.ts";
import { nextTurn } from "./page.ts";
import { MINJI, SIGNED_OUT } from "./signed-in.ts";

const REFUSED = { status: 400, body: '{"error":"invalid_grant"}' };
const FALL_BACK = ["POST /session/exchange cookie", "GET /session cookie", "POST /session/exchange bearer"];

const FAULTS = [
  ["a broken connection", "unreachable"],
  ["an outage", { status: 503, body: '{"error":"temporarily_unavailable"}' }],
  ["a proxy that gave up", { status: 504, body: "<html>" }],
  ["an answer that was cut short", { status: 200, body: '{"user":{"id":"min' }],
] as const;

/** A page that minji comes back to, in a browser that keeps cookies. */
const comingBack = async () => {
  const browser = createBrowser();
  const tab = browser.openTab();
  const page = await tab.logIn("minji");
  return { ...browser, tab, page };
};

describe("an exchange whose answer was lost", () => {
  test.each(FAULTS)("to %s, after the auth host acted: ends signed in by a bearer", async (_name, fault) => {
    const { authHost, page } = await comingBack();
    authHost.lose("/session/exchange", fault);
    const client = page.client();
    expect(await client.session()).toEqual(MINJI);
    expect(client).toMatchObject({ transport: "bearer", error: null });
    expect(authHost.calls).toEqual(FALL_BACK);
    expect(authHost.bodies[1]).toEqual({ ...(authHost.bodies[0] as object), transport: "bearer" });
    expect(authHost.sessions.size).toBe(1);
  });

  test.each(FAULTS)("to %s, before the auth host acted: the same, since nobody can tell", async (_name, fault) => {
    const { authHost, page } = await comingBack();
    authHost.fail("/session/exchange", fault);
    const client = page.client();
    expect(await client.session()).toEqual(MINJI);
    expect(client).toMatchObject({ transport: "bearer", error: null });
    expect(authHost.calls).toEqual(FALL_BACK);
  });

  test("to ten seconds of silence: the same", async () => {
    const { authHost, page } = await comingBack();
    authHost.lose("/session/exchange", "hang");
    const session = page.client().session();
    await nextTurn();
    page.waitTenSeconds();
    expect(await session).toEqual(MINJI);
    expect(authHost.calls).toEqual(FALL_BACK);
  });

  test("does not spend the last use of the code on a host that does not answer", async () => {
    const { authHost, page } = await comingBack();
    authHost.lose("/session/exchange", "unreachable");
    authHost.fail("/session", "unreachable");
    const client = page.client();
    await expect(client.session()).rejects.toMatchObject({ code: "network" });
    expect(authHost.calls).toEqual(FALL_BACK.slice(0, 2));
    expect(await client.session()).toEqual(MINJI);
    expect(authHost.calls.filter((call) => call === FALL_BACK[0])).toHaveLength(1);
  });

  test("is followed by one try with a bearer, and by none that nobody asked for", async () => {
    const { authHost, page } = await comingBack();
    authHost.lose("/session/exchange", "unreachable");
    authHost.fail("/session/exchange", { status: 503, body: '{"error":"temporarily_unavailable"}' });
    const client = page.client();
    await expect(client.session()).rejects.toMatchObject({ code: "temporarily_unavailable" });
    expect(authHost.calls).toEqual(FALL_BACK);
    expect(await client.session()).toEqual(MINJI);
  });

  test("leaves an earlier session as it was when the bearer is refused, and tells why", async () => {
    const { authHost, tab, page } = await comingBack();
    await page.client().session();
    const client = (await tab.logIn("junho")).client();
    authHost.fail("/session/exchange", "unreachable");
    authHost.fail("/session/exchange", REFUSED);
    expect(await client.session()).toEqual(MINJI);
    expect(client).toMatchObject({ transport: "cookie", error: { code: "invalid_grant" } });
  });

  test("signs nobody in when the bearer is refused and there was nobody", async () => {
    const { authHost, page } = await comingBack();
    authHost.lose("/session/exchange", "unreachable");
    authHost.fail("/session/exchange", REFUSED);
    const client = page.client();
    expect(await client.session()).toEqual(SIGNED_OUT);
    expect(client).toMatchObject({ transport: null, error: { code: "invalid_grant" } });
  });

  test("costs one silent login at the next load, which brings the cookie back", async () => {
    const { authHost, tab, page } = await comingBack();
    authHost.lose("/session/exchange", "unreachable");
    await page.client().session();
    const reloaded = tab.open();
    void reloaded.client().session();
    const client = tab.open(authHost.login(await reloaded.left(), "minji")).client();
    expect(await client.session()).toEqual(MINJI);
    expect(client.transport).toBe("cookie");
    const next = tab.open();
    expect(await next.client().session()).toEqual(MINJI);
    expect(next.navigations).toEqual([]);
  });

  test.each([true, false])(
    "and then the bearer's, too: signs nobody in and says why, and the next load signs on (keepsCookies: %s)",
    async (keepsCookies) => {
      const { authHost, openTab } = createBrowser({ keepsCookies });
      const tab = openTab();
      const page = await tab.logIn("minji");
      for (let exchange = 0; exchange < 2; exchange++) authHost.lose("/session/exchange", "unreachable");
      const client = page.client();
      await expect(client.session()).rejects.toMatchObject({ code: "network" });
      expect(await client.session()).toEqual(SIGNED_OUT);
      expect(client).toMatchObject({ transport: null, error: { code: "invalid_grant" } });
      expect(page.navigations).toEqual([]);

      const reloaded = tab.open();
      void reloaded.client().session();
      const back = tab.open(authHost.login(await reloaded.left(), "minji")).client();
      expect(await back.session()).toEqual(MINJI);
      expect(back.transport).toBe(keepsCookies ? "cookie" : "bearer");
    },
  );

  test("of the bearer that came first: the code is spent, and the next load signs on", async () => {
    const { authHost, openTab } = createBrowser({ keepsCookies: false });
    const tab = openTab();
    await (await tab.logIn("minji")).client().session();
    const page = await tab.logIn("minji");
    authHost.lose("/session/exchange", "unreachable");
    const client = page.client();
    expect(await client.session()).toEqual(SIGNED_OUT);
    expect(client.error).toMatchObject({ code: "invalid_grant" });
    const reloaded = tab.open();
    void reloaded.client().session();
    const back = tab.open(authHost.login(await reloaded.left(), "minji")).client();
    expect(await back.session()).toEqual(MINJI);
  });

  test("by a page that was closed over it: the next load signs on", async () => {
    const { authHost, tab, page } = await comingBack();
    authHost.lose("/session/exchange", "hang");
    void page.client().session();
    await nextTurn();
    const next = tab.open();
    void next.client().session();
    const back = tab.open(authHost.login(await next.left(), "minji")).client();
    expect(await back.session()).toEqual(MINJI);
  });

  test("does not make a browser without cookies try them twice", async () => {
    const { authHost, openTab } = createBrowser({ keepsCookies: false });
    const tab = openTab();
    await (await tab.logIn("minji")).client().session();
    const page = await tab.logIn("minji");
    authHost.calls.length = 0;
    authHost.fail("/session/exchange", "unreachable");
    expect(await page.client().session()).toEqual(MINJI);
    expect(authHost.calls).toEqual(["POST /session/exchange bearer", "GET /session cookie", FALL_BACK[2]]);
    authHost.calls.length = 0;
    await (await tab.logIn("minji")).client().session();
    expect(authHost.calls).toEqual([FALL_BACK[2]]);
  });
});
