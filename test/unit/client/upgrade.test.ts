import { describe, expect, test } from "vitest";
import { AUTH_ORIGIN } from "./auth-host.ts";
import { createBrowser } from "./browser.ts";

const STORED = `kakao-auth ${AUTH_ORIGIN}`;

describe("a word in storage that this version does not write", () => {
  test.each([
    ["0.1.0's after each login by cookie", '"cookie"'],
    ["0.1.0's after each login by bearer", '"bearer"'],
    ["a stranger's", '"carrier pigeon"'],
    ["no word", "true"],
    ["no JSON", "cookie"],
    ["an empty object", "{}"],
    ["an empty list", "[]"],
  ])("(%s) means nothing: no page leaves for it, and it is no transport", async (_name, word) => {
    const { authHost, localStorage, openTab } = createBrowser();
    localStorage.setItem(STORED, word);
    const tab = openTab();
    const page = tab.open();
    expect(await page.client().session()).toEqual({ user: null, session: null });
    await page.client().logout();
    localStorage.setItem(STORED, word);
    const next = tab.open();
    await next.client().logout();
    expect([...page.navigations, ...next.navigations]).toEqual([]);

    localStorage.setItem(STORED, word);
    authHost.calls.length = 0;
    await (await tab.logIn("minji")).client().session();
    expect(authHost.calls).toEqual(["POST /session/exchange cookie", "GET /session cookie"]);
    expect(localStorage.getItem(STORED)).toBe("null");
  });
});
