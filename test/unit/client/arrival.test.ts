import { describe, expect, test } from "vitest";
import { AUTH_ORIGIN } from "./auth-host.ts";
import { APP_ORIGIN, createBrowser } from "./browser.ts";

const ISSUER = encodeURIComponent(AUTH_ORIGIN);

describe("the page that a login comes back to", () => {
  test("has a clean address as soon as the client exists, before anything was asked", async () => {
    const page = await createBrowser().openTab().logIn("minji", "/cart");
    expect(page.location.search).toMatch(/code=.+state=.+iss=/);
    page.client();
    expect(page.location.href).toBe(`${APP_ORIGIN}/cart`);
  });

  test("finishes the login by itself, though nobody calls session()", async () => {
    const { authHost, openTab } = createBrowser();
    const page = await openTab().logIn("minji");
    const changed = new Promise((resolve) => page.client().onChange(resolve));
    expect(await changed).toMatchObject({ user: { id: "minji" } });
    expect(authHost.calls).toEqual(["POST /session/exchange cookie", "GET /session cookie"]);
  });

  test("keeps every byte of its own query, its fragment and the router's history state", async () => {
    const { authHost, openTab } = createBrowser();
    const tab = openTab();
    const start = tab.open("/");
    void start.client().login();
    const state = new URL(await start.left()).searchParams.get("state");
    const code = new URL(authHost.login(start.navigations[0]?.url ?? "", "minji")).searchParams.get("code");
    const own = "q=a%20b+c&flag&empty=&postcode=1&mystate=2&error_code=3";
    const page = tab.open(`/a&code=1/b?${own}&code=${code}&state=${state}&iss=${ISSUER}#/route?code=mine&state=mine`);
    await page.client().session();
    expect(page.location.href).toBe(`${APP_ORIGIN}/a&code=1/b?${own}#/route?code=mine&state=mine`);
    expect(page.history.state).toEqual({ of: "the page" });
  });

  test("keeps an address that begins with two slashes on its own host", async () => {
    const page = await createBrowser().openTab().logIn("minji", `${APP_ORIGIN}//evil.example/path`);
    page.client();
    expect(page.location.href).toBe(`${APP_ORIGIN}//evil.example/path`);
  });

  test("exchanges the code once for two clients and many calls at once (React Strict Mode)", async () => {
    const { authHost, openTab } = createBrowser();
    const page = await openTab().logIn("minji");
    const answers = await Promise.all([
      page.client().session(),
      page.client().session(),
      page.createAuthClient({ origin: `${AUTH_ORIGIN}/` }).session(),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ user: { id: "minji" } });
    expect(authHost.calls).toEqual(["POST /session/exchange cookie", "GET /session cookie"]);
  });

  test("loaded twice with the same address, exchanges once and is signed in by the cookie", async () => {
    const { authHost, openTab } = createBrowser();
    const tab = openTab();
    const first = await tab.logIn("minji");
    const { href } = first.location;
    await first.client().session();
    const second = tab.open(href);
    expect(await second.client().session()).toMatchObject({ user: { id: "minji" } });
    expect(second.location.href).toBe(`${APP_ORIGIN}/`);
    expect(second.client().error).toBeNull();
    expect(authHost.calls.filter((call) => call.startsWith("POST"))).toHaveLength(1);
  });
});

describe("an answer that this tab did not ask for", () => {
  test("in another tab than the login's: is cleaned and never exchanged (CWE-352)", async () => {
    const { authHost, openTab } = createBrowser();
    const { href } = (await openTab().logIn("mallory")).location;
    const page = openTab().open(href);
    const client = page.client();
    expect(page.location.href).toBe(`${APP_ORIGIN}/`);
    expect(await client.session()).toEqual({ user: null, session: null });
    expect(client.error).toBeNull();
    expect(authHost.calls).toEqual(["GET /session cookie"]);
  });

  test.each([
    ["no issuer", ""],
    ["another issuer (RFC 9207)", "&iss=https%3A%2F%2Fevil.example"],
    ["an issuer that begins like ours", `&iss=${ISSUER}.evil.example`],
  ])("a code with %s belongs to somebody else and stays", async (_name, issuer) => {
    const { authHost, openTab } = createBrowser();
    const tab = openTab();
    const start = tab.open();
    void start.client().login();
    const state = new URL(await start.left()).searchParams.get("state");
    const address = `${APP_ORIGIN}/callback?code=theirs&state=${state}${issuer}`;
    const page = tab.open(address);
    await page.client().session();
    expect(page.location.href).toBe(address);
    expect(authHost.calls).toEqual(["GET /session cookie"]);
  });

  test.each(["?error=access_denied", "?error=access_denied&state=theirs&error_description=x"])(
    "the error %s is not ours: it stays, and is not reported",
    async (query) => {
      const page = createBrowser().openTab().open(`/${query}`);
      const client = page.client();
      await client.session();
      expect(page.location.search).toBe(query);
      expect(client.error).toBeNull();
    },
  );

  test("an error in our name with a state of nobody's cannot put words into the page", async () => {
    const page = createBrowser().openTab().open(`/?error=x&error_description=Call+0700&state=guess&iss=${ISSUER}`);
    expect(page.client().error).toBeNull();
    expect(page.location.href).toBe(`${APP_ORIGIN}/`);
  });
});

describe("a login that failed", () => {
  test("is in client.error, with code and description, and the address is clean", async () => {
    const page = await createBrowser().openTab().logIn(null, "/cart?step=2", "access_denied");
    const client = page.client();
    expect(client.error).toMatchObject({ code: "access_denied", message: "Said of access_denied." });
    expect(page.location.href).toBe(`${APP_ORIGIN}/cart?step=2`);
    expect(await client.session()).toEqual({ user: null, session: null });
  });

  test("is gone after a reload", async () => {
    const tab = createBrowser().openTab();
    const page = await tab.logIn(null, "/", "access_denied");
    page.client();
    expect(tab.open(page.location.href).client().error).toBeNull();
  });

  test("leaves an earlier session as it was", async () => {
    const { openTab } = createBrowser();
    const tab = openTab();
    await (await tab.logIn("minji")).client().session();
    const client = (await tab.logIn(null, "/", "consent_required")).client();
    expect(await client.session()).toMatchObject({ user: { id: "minji" } });
    expect(client.error).toMatchObject({ code: "consent_required" });
  });
});
