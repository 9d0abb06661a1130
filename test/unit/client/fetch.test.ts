import { describe, expect, test } from "vitest";
import { AUTH_ORIGIN } from "./auth-host.ts";
import { APP_ORIGIN, createBrowser } from "./browser.ts";

const AUDIENCE = ["https://api.example.com/"];

const signedIn = async (keepsCookies: boolean) => {
  const browser = createBrowser({ keepsCookies });
  const page = await browser.openTab().logIn("minji");
  const client = page.client(AUDIENCE);
  await client.session();
  const [token] = browser.authHost.sessions.keys();
  return { ...browser, page, client, bearer: `Bearer ${token}` };
};

describe("fetch() where the bearer is the transport", () => {
  test.each([`${APP_ORIGIN}/api/cart`, "/api/cart", new URL(`${APP_ORIGIN}/api/cart`), "https://api.example.com/v1"])(
    "sends it to %s",
    async (address) => {
      const { client, elsewhere, bearer } = await signedIn(false);
      expect(await (await client.fetch(address)).text()).toBe("elsewhere");
      expect(elsewhere[0]?.headers.get("Authorization")).toBe(bearer);
    },
  );

  test("sends it to the auth host", async () => {
    const { client, authHost } = await signedIn(false);
    await client.fetch(`${AUTH_ORIGIN}/session`);
    expect(authHost.calls.at(-1)).toBe("GET /session bearer");
  });

  test("keeps method, body and headers, of a Request too", async () => {
    const { client, elsewhere, bearer } = await signedIn(false);
    const init = { method: "PUT", body: "42", headers: { "X-Kind": "number" } };
    await client.fetch("/api/answer", init);
    await client.fetch(new Request(`${APP_ORIGIN}/api/answer`, init));
    for (const request of elsewhere) {
      expect(request.method).toBe("PUT");
      expect(Object.fromEntries(request.headers)).toMatchObject({ "x-kind": "number", authorization: bearer });
      expect(await request.text()).toBe("42");
      expect(request).toMatchObject({ credentials: "include" });
    }
    expect(elsewhere).toHaveLength(2);
  });

  test("waits for a login that is being finished", async () => {
    const { openTab, elsewhere, authHost } = createBrowser({ keepsCookies: false });
    const client = (await openTab().logIn("minji")).client();
    await client.fetch("/api/cart");
    const [token] = authHost.sessions.keys();
    expect(elsewhere[0]?.headers.get("Authorization")).toBe(`Bearer ${token}`);
  });

  test("sends none after a logout", async () => {
    const { client, elsewhere } = await signedIn(false);
    await client.logout();
    await client.fetch("/api/cart");
    expect(elsewhere[0]?.headers.get("Authorization")).toBeNull();
  });

  test("belongs to each client's own audience", async () => {
    const { page } = await signedIn(false);
    await expect(page.client().fetch("https://api.example.com/v1")).rejects.toMatchObject({ code: "origin_refused" });
  });
});

describe("a proxy that redirects the auth host's answers to another host", () => {
  const redirect = { status: 307, body: "", location: "https://evil.example/session" };

  test.each([true, false])("gets nothing of ours there (keepsCookies: %s)", async (keepsCookies) => {
    const { client, authHost, elsewhere } = await signedIn(keepsCookies);
    authHost.fail("/session", redirect);
    await expect(client.session()).rejects.toMatchObject({ code: "network" });
    authHost.fail("/logout", redirect);
    await expect(client.logout()).rejects.toMatchObject({ code: "network" });
    for (const init of [{}, { redirect: "follow" }] as const) {
      authHost.fail("/session", redirect);
      await expect(client.fetch(`${AUTH_ORIGIN}/session`, init)).rejects.toThrow();
      authHost.fail("/session", redirect);
      await expect(client.fetch(new Request(`${AUTH_ORIGIN}/session`, init))).rejects.toThrow();
    }
    expect(elsewhere).toEqual([]);
  });

  test("gets no code with its verifier", async () => {
    const { authHost, elsewhere, openTab } = createBrowser();
    const page = await openTab().logIn("minji");
    authHost.fail("/session/exchange", redirect);
    await page.client().session();
    expect(elsewhere).toEqual([]);
  });
});

test.each([{}, { redirect: "manual" }] as const)(
  "fetch() leaves redirects of the page's own servers to the caller (%j)",
  async (init) => {
    const { client, elsewhere } = await signedIn(false);
    await client.fetch("/api/cart", init);
    expect(elsewhere[0]?.redirect).toBe("redirect" in init ? "manual" : "follow");
  },
);

describe.each([true, false])("fetch() (keepsCookies: %s) refuses to carry the session to", (keepsCookies) => {
  test.each([
    "https://evil.example/",
    "//evil.example/api",
    `${APP_ORIGIN}.evil.example/`,
    `${AUTH_ORIGIN}:8443/session`,
    AUTH_ORIGIN.replace("https", "http"),
    "https://sub.api.example.com/",
    "data:text/plain,hello",
  ])("%s", async (address) => {
    const { client, elsewhere } = await signedIn(keepsCookies);
    await expect(client.fetch(address)).rejects.toMatchObject({ code: "origin_refused" });
    expect(elsewhere).toEqual([]);
  });
});

test("fetch() where the cookie is the transport includes it and adds nothing", async () => {
  const { client, elsewhere, authHost } = await signedIn(true);
  await client.fetch("/api/cart");
  expect(elsewhere[0]).toMatchObject({ credentials: "include" });
  expect(elsewhere[0]?.headers.get("Authorization")).toBeNull();
  await client.fetch(`${AUTH_ORIGIN}/session`);
  expect(authHost.calls.at(-1)).toBe("GET /session cookie");
});

test.each(["", "auth.example.com", "/auth"])("createAuthClient refuses the origin %j", (origin) => {
  const { createAuthClient } = createBrowser().openTab().open();
  expect(() => createAuthClient({ origin })).toThrow(/Invalid URL/);
});
