import { expect } from "vitest";
import { FULL_PROFILE } from "../simulator/index.ts";
import type { Scenario } from "./scenario.ts";
import { logIn, readSession, sessionCookie } from "./visits.ts";
import { APP, AUTH, PARTNER, STRANGER } from "./world.ts";

/** Who may read a session, and how it ends, by the browser's own rules. */
export const sessionScenarios: Scenario[] = [
  {
    name: "a listed front end on another site may ask, and is told nobody",
    async run({ openBrowser }) {
      const tab = await (await openBrowser()).newTab();
      await logIn(tab, FULL_PROFILE);
      await tab.goto(`${PARTNER}/`);
      expect(await readSession(tab)).toEqual({ user: null, session: null });
    },
  },
  {
    name: "a site that nobody listed cannot read an answer",
    async run({ openBrowser }) {
      const tab = await (await openBrowser()).newTab();
      await logIn(tab, FULL_PROFILE);
      await tab.goto(`${STRANGER}/`);
      await expect(readSession(tab)).rejects.toThrow(/Failed to fetch|NetworkError|Load failed/);
    },
  },
  {
    name: "logout takes the cookie away",
    needs: ["keep what a same-site fetch does to cookies"],
    async run({ openBrowser }) {
      const browser = await openBrowser();
      const tab = await browser.newTab();
      await logIn(tab, FULL_PROFILE);
      await tab.click("#logout");
      await tab.waitFor('body[data-state="signed-out"]');
      expect(await sessionCookie(browser)).toBeNull();
    },
  },
  {
    name: "logout ends the session in every tab",
    async run({ openBrowser }) {
      const browser = await openBrowser();
      const [first, second] = [await browser.newTab(), await browser.newTab()];
      await logIn(first, FULL_PROFILE);
      await second.goto(`${APP}/`);
      await second.waitFor('body[data-state="signed-in"]');

      await first.click("#logout");
      await first.waitFor('body[data-state="signed-out"]');
      await second.reload();
      await second.waitFor('body[data-state="signed-out"]');
    },
  },
  {
    name: "the logout page asks, ends the session and leads back to the front end",
    async run({ openBrowser }) {
      const browser = await openBrowser();
      const tab = await browser.newTab();
      await logIn(tab, FULL_PROFILE);
      expect(await tab.goto(`${AUTH}/logout?redirect_to=${encodeURIComponent(`${APP}/`)}`)).toBe(200);
      expect(await sessionCookie(browser)).not.toBeNull();

      await tab.click('button[type="submit"], form button:not([type])');
      await tab.waitForUrl((url) => url.origin === APP);
      await tab.waitFor('body[data-state="signed-out"]');
      expect(await sessionCookie(browser)).toBeNull();
    },
  },
  {
    name: "a form on a stranger's page cannot log anybody out (CWE-352)",
    async run({ openBrowser, world }) {
      const browser = await openBrowser();
      const tab = await browser.newTab();
      await logIn(tab, FULL_PROFILE);
      await tab.goto(`${STRANGER}/`);
      await tab.click("button");
      await tab.waitForUrl((url) => url.origin === AUTH);

      expect(world.requestsToWorker.at(-1)).toMatchObject({ method: "POST", status: 403 });
      await tab.goto(`${APP}/`);
      await tab.waitFor('body[data-state="signed-in"]');
    },
  },
];
