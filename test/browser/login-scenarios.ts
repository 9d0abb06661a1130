import { expect } from "vitest";
import { FULL_PROFILE, NINETEEN_DIGITS, NO_EMAIL } from "../simulator/index.ts";
import { agreeAtKakao, cancelAtKakao, logInAtKakao } from "./kakao-pages.ts";
import type { Scenario } from "./scenario.ts";
import { goToKakao, logIn, nicknameOf, readSession, SESSION_COOKIE, sessionCookie, tabTo } from "./visits.ts";
import { APP, AUTH, KAKAO } from "./world.ts";

const GUARDED = { path: "/", httpOnly: true, secure: true, sameSite: "Lax" };

/** Logging in as people do it, and what the browser keeps of it. */
export const loginScenarios: Scenario[] = [
  {
    name: "a plain link on a front end leads to Kakao and back, signed in",
    async run({ openBrowser }) {
      const tab = await (await openBrowser()).newTab();
      await logIn(tab, FULL_PROFILE);

      expect(await tab.text("#name")).toBe(nicknameOf(FULL_PROFILE));
      expect(tab.url().href).toBe(`${APP}/`);
      expect((await readSession(tab)).user).toMatchObject({ nickname: nicknameOf(FULL_PROFILE) });
    },
  },
  {
    name: "a reload stays signed in",
    async run({ openBrowser }) {
      const tab = await (await openBrowser()).newTab();
      await logIn(tab, NO_EMAIL);
      await tab.reload();
      await tab.waitFor('body[data-state="signed-in"]');
      expect(await tab.text("#name")).toBe(nicknameOf(NO_EMAIL));
    },
  },
  {
    name: "the browser keeps one session cookie: host-only, out of reach of scripts, for HTTPS alone, SameSite=Lax",
    async run({ openBrowser }) {
      const browser = await openBrowser();
      const tab = await browser.newTab();
      await logIn(tab, FULL_PROFILE);

      const stored = await sessionCookie(browser);
      expect(stored).toMatchObject({ domain: "auth.shop.test", ...GUARDED });
      const days = ((stored?.expires ?? 0) - Date.now() / 1000) / 86_400;
      expect(days).toBeGreaterThan(1);
      expect(days).toBeLessThanOrEqual(90);
      expect(await tab.evaluate("document.cookie")).toBe("");
    },
  },
  {
    name: "what a login leaves beside the session, a spent attempt and a proof, is as well guarded and gone within ten minutes",
    async run({ openBrowser }) {
      const browser = await openBrowser();
      await logIn(await browser.newTab(), FULL_PROFILE);

      const others = (await browser.cookies(AUTH)).filter(({ name }) => name !== SESSION_COOKIE);
      expect(others.length).toBeLessThanOrEqual(2);
      for (const cookie of others) {
        expect(cookie).toMatchObject({ domain: "auth.shop.test", ...GUARDED });
        expect(cookie.name).toMatch(/^__Host-/);
        expect(cookie.expires).toBeLessThanOrEqual(Date.now() / 1000 + 600);
      }
    },
  },
  {
    name: "cancelling at Kakao comes back with words and another try, without a session",
    async run({ openBrowser }) {
      const browser = await openBrowser();
      const tab = await browser.newTab();
      await goToKakao(tab);
      await logInAtKakao(tab, NINETEEN_DIGITS);
      await cancelAtKakao(tab);
      await tab.waitForUrl((url) => url.origin === APP);
      await tab.waitFor('[data-code="access_denied"]');

      expect(await tab.text('[data-code="access_denied"]')).toMatch(/취소|cancelled/);
      expect(tab.url().href).toBe(`${APP}/`);
      expect(await sessionCookie(browser)).toBeNull();

      await tab.click("#retry");
      await tab.waitForUrl((url) => url.origin === KAKAO);
      await agreeAtKakao(tab);
      await tab.waitForUrl((url) => url.origin === APP);
      await tab.waitFor('body[data-state="signed-in"]');
    },
  },
  {
    name: "the session survives a restart of the browser",
    needs: ["restart"],
    async run({ openBrowser, restart }) {
      const first = await openBrowser();
      await logIn(await first.newTab(), FULL_PROFILE);
      const second = await restart(first);
      const tab = await second.newTab();
      await tab.goto(`${APP}/`);
      await tab.waitFor('body[data-state="signed-in"]');
      expect(await tab.text("#name")).toBe(nicknameOf(FULL_PROFILE));
    },
  },
  {
    name: "the login page works without JavaScript",
    needs: ["switch off JavaScript"],
    async run({ openBrowser }) {
      const browser = await openBrowser({ javaScript: false });
      const tab = await browser.newTab();
      expect(await tab.goto(`${AUTH}/?redirect_to=${encodeURIComponent(`${APP}/`)}`)).toBe(200);
      await tab.click('a[href*="/login/kakao"]');
      await tab.waitForUrl((url) => url.origin === KAKAO);
      await logInAtKakao(tab, FULL_PROFILE);
      await agreeAtKakao(tab);
      await tab.waitForUrl((url) => url.origin === APP);

      expect(await sessionCookie(browser)).not.toBeNull();
      await tab.goto(`${AUTH}/session`);
      expect(JSON.parse(await tab.text("body"))).toMatchObject({ user: { nickname: nicknameOf(FULL_PROFILE) } });
    },
  },
  {
    name: "the login page works with the keyboard alone, in English where the browser asks for it",
    needs: ["choose the language"],
    async run({ openBrowser }) {
      const tab = await (await openBrowser({ language: "en-US" })).newTab();
      await tab.goto(`${AUTH}/?redirect_to=${encodeURIComponent(`${APP}/`)}`);
      expect(await tab.evaluate("document.documentElement.lang")).toBe("en");

      await tabTo(tab, (href) => href.startsWith(`${AUTH}/login/kakao`));
      expect((await tab.focused()).text).toContain("Login with Kakao");
      await tab.press("Enter");
      await tab.waitForUrl((url) => url.origin === KAKAO);
    },
  },
];
