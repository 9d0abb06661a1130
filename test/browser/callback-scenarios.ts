import { expect } from "vitest";
import { FULL_PROFILE, NO_EMAIL } from "../simulator/index.ts";
import { agreeAtKakao, logInAtKakao } from "./kakao-pages.ts";
import type { Scenario } from "./scenario.ts";
import { goToKakao, logIn, nicknameOf, readSession, sessionCookie, unusedCallback } from "./visits.ts";
import { APP, AUTH, KAKAO, STRANGER } from "./world.ts";

const CALLBACK = "/login/kakao/callback";

/** Callbacks that come twice, late, in another order or in another person's browser. */
export const callbackScenarios: Scenario[] = [
  {
    name: "two tabs log in at once, and both end signed in",
    async run({ openBrowser }) {
      const browser = await openBrowser();
      const [first, second] = [await browser.newTab(), await browser.newTab()];
      await goToKakao(first);
      await goToKakao(second);
      for (const tab of [first, second]) {
        await logInAtKakao(tab, FULL_PROFILE);
        await agreeAtKakao(tab);
        await tab.waitForUrl((url) => url.origin === APP);
        await tab.waitFor('body[data-state="signed-in"]');
      }
      await first.reload();
      await first.waitFor('body[data-state="signed-in"]');
    },
  },
  {
    name: "a callback opened again ends at the front end, still signed in",
    async run({ openBrowser, world }) {
      const tab = await (await openBrowser()).newTab();
      await logIn(tab, FULL_PROFILE);
      const before = await readSession(tab);
      const callback = world.requestsToWorker.findLast(({ url }) => url.pathname === CALLBACK)?.url;

      const status = await tab.goto(callback?.href ?? "");
      expect(status).toBeLessThan(500);
      await tab.goto(`${APP}/`);
      await tab.waitFor('body[data-state="signed-in"]');
      expect((await readSession(tab)).user?.id).toBe(before.user?.id);
    },
  },
  {
    name: "a callback opened again after logout signs nobody in",
    async run({ openBrowser, world }) {
      const tab = await (await openBrowser()).newTab();
      await logIn(tab, FULL_PROFILE);
      const callback = world.requestsToWorker.findLast(({ url }) => url.pathname === CALLBACK)?.url;
      await tab.click("#logout");
      await tab.waitFor('body[data-state="signed-out"]');

      expect(await tab.goto(callback?.href ?? "")).toBeLessThan(500);
      await tab.goto(`${APP}/`);
      await tab.waitFor('body[data-state="signed-out"]');
    },
  },
  {
    name: "Kakao's page opened again after the login sends a second code for a spent attempt, and ends signed in",
    async run({ openBrowser, world }) {
      const tab = await (await openBrowser()).newTab();
      await goToKakao(tab);
      const kakaosPage = tab.url().href;
      await logInAtKakao(tab, FULL_PROFILE);
      await agreeAtKakao(tab);
      await tab.waitFor('body[data-state="signed-in"]');
      const exchangesBefore = successfulExchanges(world.kakao.calls);

      await tab.goto(kakaosPage);
      await tab.waitFor('body[data-state="signed-in"]');
      expect(tab.url().origin).toBe(APP);
      expect(successfulExchanges(world.kakao.calls)).toBe(exchangesBefore);
    },
  },
  {
    name: "a callback fired twice at the same moment makes one session and no server error",
    async run({ openBrowser, world }) {
      const browser = await openBrowser();
      const [first, second] = [await browser.newTab(), await browser.newTab()];
      const callback = await unusedCallback(first, world, NO_EMAIL);
      const seenBefore = world.requestsToWorker.length;
      const exchangesBefore = successfulExchanges(world.kakao.calls);
      // The front end may be the end of only one of them, so neither page's own status matters.
      await Promise.all([first.goto(callback), second.goto(callback)]);

      const callbacks = world.requestsToWorker.slice(seenBefore).filter(({ url }) => url.pathname === CALLBACK);
      expect(callbacks).toHaveLength(2);
      for (const { status } of callbacks) {
        expect(status).toBeLessThan(500);
      }
      expect(successfulExchanges(world.kakao.calls) - exchangesBefore).toBe(1);
      await first.goto(`${APP}/`);
      await first.waitFor('body[data-state="signed-in"]');
      expect(await first.text("#name")).toBe(nicknameOf(NO_EMAIL));
    },
  },
  {
    name: "the back button after a login leads to a page that knows who is signed in",
    async run({ openBrowser }) {
      const tab = await (await openBrowser()).newTab();
      await logIn(tab, FULL_PROFILE);
      for (let steps = 0; steps < 5; steps++) {
        await tab.back();
        if (tab.url().origin === APP) {
          break;
        }
        expect(tab.url().origin).toBe(KAKAO);
      }
      expect(tab.url().origin).toBe(APP);
      await tab.waitFor('body[data-state="signed-in"]');
    },
  },
  {
    name: "a callback address in another person's browser is a local 400 page, and costs its owner nothing (CWE-352)",
    async run({ openBrowser, world }) {
      const [owner, thief] = [await openBrowser(), await openBrowser()];
      const ownersTab = await owner.newTab();
      const callback = await unusedCallback(ownersTab, world, FULL_PROFILE);
      const callsBefore = world.kakao.calls.length;

      const thiefsTab = await thief.newTab();
      expect(await thiefsTab.goto(callback)).toBe(400);
      expect(thiefsTab.url().origin).toBe(AUTH);
      expect(await thief.cookies(AUTH)).toEqual([]);
      expect(world.kakao.calls.length).toBe(callsBefore);
      await thiefsTab.waitFor("a[href]");

      await ownersTab.goto(callback);
      await ownersTab.waitFor('body[data-state="signed-in"]');
      expect(await sessionCookie(owner)).not.toBeNull();
    },
  },
  {
    name: "a refused return address is a 400 page that names the rule, never a redirect (CWE-601)",
    async run({ openBrowser }) {
      const tab = await (await openBrowser()).newTab();
      expect(await tab.goto(`${AUTH}/login/kakao?redirect_to=${encodeURIComponent(`${STRANGER}/`)}`)).toBe(400);
      expect(tab.url().origin).toBe(AUTH);
      expect(await tab.text("main")).not.toBe("");
    },
  },
];

function successfulExchanges(calls: readonly { path: string; status: number }[]): number {
  return calls.filter(({ path, status }) => path === "/oauth/token" && status === 200).length;
}
