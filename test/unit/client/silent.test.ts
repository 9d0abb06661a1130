import { describe, expect, test, vi } from "vitest";
import { AUTH_ORIGIN } from "./auth-host.ts";
import { APP_ORIGIN, createBrowser } from "./browser.ts";
import { nextTurn } from "./page.ts";

const STORED = `kakao-auth ${AUTH_ORIGIN}`;
const SIGNED_OUT = { user: null, session: null };

/** A browser without cookies, in whose tab minji logged in. */
const withBearer = async () => {
  const browser = createBrowser({ keepsCookies: false });
  const tab = browser.openTab();
  await (await tab.logIn("minji")).client().session();
  browser.authHost.calls.length = 0;
  return { ...browser, tab };
};

describe("a reload where the bearer was the transport", () => {
  test("goes through prompt=none once and comes back signed in to the same place", async () => {
    const { authHost, tab } = await withBearer();
    const page = tab.open("/cart?step=2#total");
    void page.client().session();
    const address = await page.left();
    expect(new URL(address).searchParams.get("prompt")).toBe("none");
    // In place of this page: the back button must not lead into the bounce.
    expect(page.navigations).toMatchObject([{ kind: "replace" }]);
    const back = tab.open(authHost.login(address, "minji"));
    const client = back.client();
    expect(await client.session()).toMatchObject({ user: { id: "minji" } });
    expect(client.transport).toBe("bearer");
    expect(back.location.href).toBe(`${APP_ORIGIN}/cart?step=2#total`);
    expect(back.navigations).toEqual([]);
  });

  test("does so on every reload", async () => {
    const { authHost, tab } = await withBearer();
    for (let reload = 0; reload < 3; reload++) {
      const page = tab.open();
      void page.client().session();
      expect(
        await tab
          .open(authHost.login(await page.left(), "minji"))
          .client()
          .session(),
      ).toMatchObject({ user: { id: "minji" } });
    }
  });

  test("leaves once for many calls at once", async () => {
    const { tab } = await withBearer();
    const page = tab.open();
    void page.client().session();
    void page.client().session();
    await page.left();
    expect(page.navigations).toHaveLength(1);
  });

  test("does not leave for a host that does not answer: an outage is told instead", async () => {
    const { authHost, tab } = await withBearer();
    const page = tab.open();
    authHost.fail("/session", { status: 503, body: '{"error":"temporarily_unavailable"}' });
    await expect(page.client().session()).rejects.toMatchObject({ code: "temporarily_unavailable" });
    expect(page.navigations).toEqual([]);
    void page.client().session();
    await page.left();
  });

  test("stays where the browser has kept a cookie meanwhile", async () => {
    const { settings, cookies, authHost, tab } = await withBearer();
    settings.keepsCookies = true;
    authHost.sessions.set("kept", "minji");
    cookies.set("session", "kept");
    const page = tab.open();
    expect(await page.client().session()).toMatchObject({ user: { id: "minji" } });
    expect(page.client().transport).toBe("cookie");
    expect(page.navigations).toEqual([]);
  });

  test("reports signed out when somebody stopped the leaving", async () => {
    const { tab } = await withBearer();
    const page = tab.open();
    const answered = vi.fn();
    const session = page.client().session().then(answered);
    await page.left();
    await nextTurn();
    // Not before: a page that is about to be signed in must not flicker.
    expect(answered).not.toHaveBeenCalled();
    page.waitTenSeconds();
    await session;
    expect(answered.mock.calls).toEqual([[SIGNED_OUT]]);
    expect(await page.client().session()).toEqual(SIGNED_OUT);
    expect(page.navigations).toHaveLength(1);
  });

  test("does not drop the code of another provider to which the page belongs", async () => {
    const { localStorage, tab } = await withBearer();
    const page = tab.open("/callback?code=theirs&state=theirs");
    expect(await page.client().session()).toEqual(SIGNED_OUT);
    expect(page.navigations).toEqual([]);
    expect(localStorage.getItem(STORED)).toBe('{"by":"bearer","id":"minji"}');
  });
});

describe("a silent login that finds nobody", () => {
  test.each(["login_required", "consent_required", "interaction_required"])(
    "comes back with %s: signed out, no error, and no further try on any reload",
    async (error) => {
      const { authHost, tab } = await withBearer();
      const page = tab.open("/cart");
      void page.client().session();
      const back = tab.open(authHost.login(await page.left(), null, error));
      const client = back.client();
      expect(await client.session()).toEqual(SIGNED_OUT);
      expect(client.error).toBeNull();
      expect(back.location.href).toBe(`${APP_ORIGIN}/cart`);
      const reloaded = tab.open();
      expect(await reloaded.client().session()).toEqual(SIGNED_OUT);
      expect([...back.navigations, ...reloaded.navigations]).toEqual([]);
    },
  );

  test("for a fault at Kakao tells it, and tries again on the next load only", async () => {
    const { authHost, tab } = await withBearer();
    const page = tab.open();
    void page.client().session();
    const back = tab.open(authHost.login(await page.left(), null, "kakao_unavailable"));
    expect(await back.client().session()).toEqual(SIGNED_OUT);
    expect(back.client().error).toMatchObject({ code: "kakao_unavailable" });
    expect(back.navigations).toEqual([]);
    const reloaded = tab.open();
    void reloaded.client().session();
    await reloaded.left();
  });

  test("asked for with login({ prompt: 'none' }) is told", async () => {
    const { authHost, openTab } = createBrowser();
    const tab = openTab();
    const page = tab.open();
    void page.client().login({ prompt: "none" });
    const back = tab.open(authHost.login(await page.left(), null, "login_required"));
    expect(back.client().error).toMatchObject({ code: "login_required" });
  });
});

describe("never goes round in circles", () => {
  test("when a redirect of the site strips the answer off the address", async () => {
    const { tab } = await withBearer();
    const first = tab.open();
    void first.client().session();
    await first.left();
    const stripped = tab.open();
    expect(await stripped.client().session()).toEqual(SIGNED_OUT);
    expect(stripped.navigations).toEqual([]);
    // It may have been a person who pressed "stop": the next load is worth another try.
    const reloaded = tab.open();
    void reloaded.client().session();
    await reloaded.left();
  });

  test("when the code of a silent login is refused", async () => {
    const { authHost, tab } = await withBearer();
    const first = tab.open();
    void first.client().session();
    const back = tab.open(authHost.login(await first.left(), "minji"));
    authHost.fail("/session/exchange", { status: 400, body: '{"error":"invalid_grant"}' });
    expect(await back.client().session()).toEqual(SIGNED_OUT);
    expect(back.navigations).toEqual([]);
  });

  test("after a logout, although the auth host might still sign on silently", async () => {
    const browser = createBrowser({ keepsCookies: false });
    const tab = browser.openTab();
    const client = (await tab.logIn("minji")).client();
    await client.session();
    await client.logout();
    const page = tab.open();
    expect(await page.client().session()).toEqual(SIGNED_OUT);
    expect(page.navigations).toEqual([]);
  });

  test("after the session was ended elsewhere while the page was open", async () => {
    const browser = createBrowser({ keepsCookies: false });
    const tab = browser.openTab();
    const page = await tab.logIn("minji");
    await page.client().session();
    browser.authHost.endAll();
    expect(await page.client().session()).toEqual(SIGNED_OUT);
    const reloaded = tab.open();
    expect(await reloaded.client().session()).toEqual(SIGNED_OUT);
    expect([...page.navigations, ...reloaded.navigations]).toEqual([]);
  });
});
