import { createHash } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import type { LoginOptions } from "../../../src/client/types.ts";
import { AUTH_ORIGIN } from "./auth-host.ts";
import { APP_ORIGIN, createBrowser } from "./browser.ts";
import { nextTurn } from "./page.ts";

const STORED = `kakao-auth ${AUTH_ORIGIN}`;

/** Clicks "log in" on a page and gives what the browser then shows and keeps. */
const logIn = async (address: string, options?: LoginOptions) => {
  const tab = createBrowser().openTab();
  const page = tab.open(address);
  void page.client().login(options);
  const url = new URL(await page.left());
  const [[state, verifier]] = JSON.parse(tab.sessionStorage.getItem(STORED) ?? "[[]]");
  return { page, url, query: Object.fromEntries(url.searchParams), state, verifier };
};

describe("login()", () => {
  test("leaves for the auth host with the S256 challenge of a verifier that stays in the tab", async () => {
    const { url, query, verifier, state, page } = await logIn("/news?page=2#top");
    expect(url.origin + url.pathname).toBe(`${AUTH_ORIGIN}/login/kakao`);
    expect(query).toEqual({
      redirect_to: `${APP_ORIGIN}/news?page=2#top`,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
      state,
    });
    expect(url.href).not.toContain(verifier);
    expect(page.navigations).toMatchObject([{ kind: "assign" }]);
  });

  test("makes a verifier in the form of RFC 7636 section 4.1, another one each time", async () => {
    const logins = await Promise.all(Array.from({ length: 5 }, () => logIn("/")));
    for (const { verifier } of logins) expect(verifier).toMatch(/^[\w.~-]{43,128}$/);
    expect(new Set(logins.map(({ verifier }) => verifier)).size).toBe(5);
    expect(new Set(logins.map(({ state }) => state)).size).toBe(5);
  });

  test("hands prompt and scope on, and a list of scopes as the auth host reads one", async () => {
    const { query } = await logIn("/", { prompt: "select_account", scope: ["friends", "talk_message"] });
    expect(query).toMatchObject({ prompt: "select_account", scope: "friends,talk_message" });
  });

  test("comes back to a given page of this origin, relative ones included", async () => {
    const { query } = await logIn("/shop/", { returnTo: "cart?step=2" });
    expect(query.redirect_to).toBe(`${APP_ORIGIN}/shop/cart?step=2`);
  });

  test.each(["https://evil.example/", "//evil.example", "javascript:alert(1)", `${APP_ORIGIN}.evil.example/`])(
    "refuses to come back to %s, where nobody could finish the login",
    async (returnTo) => {
      const page = createBrowser().openTab().open();
      await expect(page.client().login({ returnTo })).rejects.toMatchObject({ code: "origin_refused" });
      expect(page.navigations).toEqual([]);
    },
  );

  test("says so when the browser blocks storage, instead of starting what cannot be finished", async () => {
    const page = createBrowser({ blocksStorage: true }).openTab().open();
    await expect(page.client().login()).rejects.toMatchObject({ code: "storage_blocked" });
    expect(page.navigations).toEqual([]);
  });

  test("resolves when the browser is still here after ten seconds, so that a button works again", async () => {
    const page = createBrowser().openTab().open();
    const resolved = vi.fn();
    const login = page.client().login().then(resolved);
    await page.left();
    await nextTurn();
    expect(resolved).not.toHaveBeenCalled();
    page.waitTenSeconds();
    await login;
    expect(resolved).toHaveBeenCalled();
  });

  test("lets several logins in one tab be under way, and forgets the oldest above five", async () => {
    const tab = createBrowser().openTab();
    const page = tab.open();
    const states: (string | null)[] = [];
    for (let count = 1; count <= 7; count++) {
      void page.client().login();
      await vi.waitFor(() => expect(page.navigations).toHaveLength(count));
      states.push(new URL(await page.left()).searchParams.get("state"));
    }
    const kept = JSON.parse(tab.sessionStorage.getItem(STORED) ?? "[]").map(([state]: [string]) => state);
    expect(kept).toEqual(states.slice(2));
  });

  test("finishes the login that came back, whichever of the tab's it is", async () => {
    const { authHost, openTab } = createBrowser();
    const tab = openTab();
    const first = tab.open();
    void first.client().login();
    const firstUrl = await first.left();
    const second = tab.open();
    void second.client().login();
    await second.left();
    const back = tab.open(authHost.login(firstUrl, "minji"));
    expect(await back.client().session()).toMatchObject({ user: { id: "minji" } });
  });
});
