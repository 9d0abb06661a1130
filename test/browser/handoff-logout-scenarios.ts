import { expect } from "vitest";
import { FULL_PROFILE } from "../simulator/index.ts";
import type { Browser } from "./engine.ts";
import { logInAtPartner, watch } from "./handoff-visits.ts";
import type { Scenario } from "./scenario.ts";
import { logIn } from "./visits.ts";
import { APP, AUTH, PARTNER } from "./world.ts";

const SIGNED_IN = 'body[data-state="signed-in"]';
const SIGNED_OUT = 'body[data-state="signed-out"]';

/** Signs out on a page that was loaded anew and has not asked who is signed in: whatever it has, it did not get yet. */
async function signOutUnasked(browser: Browser): Promise<void> {
  const [partner, app] = [await browser.newTab(), await browser.newTab()];
  await logInAtPartner(partner);
  await app.goto(`${APP}/`);
  await app.waitFor(SIGNED_IN);

  await partner.goto(`${PARTNER}/?quiet`);
  await partner.click("#logout");
  await partner.waitFor(SIGNED_OUT);
  expect(partner.url().href).toBe(`${PARTNER}/?quiet`);
  await app.reload();
  await app.waitFor(SIGNED_OUT);
  await partner.goto(`${PARTNER}/`);
  await partner.waitFor(SIGNED_OUT);
}

/** One login, several sites: how it ends. */
export const handoffLogoutScenarios: Scenario[] = [
  {
    name: "signing out at the partner signs out at the auth host, and a reload does not undo it",
    async run({ openBrowser, world }) {
      const browser = await openBrowser();
      const [partner, app] = [await browser.newTab(), await browser.newTab()];
      await logInAtPartner(partner);
      await app.goto(`${APP}/`);
      await app.waitFor(SIGNED_IN);

      await partner.click("#logout");
      await partner.waitFor(SIGNED_OUT);
      await app.reload();
      await app.waitFor(SIGNED_OUT);
      const { logins } = watch(world);
      await partner.reload();
      await partner.waitFor(SIGNED_OUT);
      expect(logins()).toEqual([]);
    },
  },
  {
    name: "signing out at another front end of the same browser signs out at the partner, and a reload does not undo it",
    async run({ openBrowser, world }) {
      const browser = await openBrowser();
      const [partner, app] = [await browser.newTab(), await browser.newTab()];
      await logInAtPartner(partner);
      await app.goto(`${APP}/`);
      await app.waitFor(SIGNED_IN);
      await app.click("#logout");
      await app.waitFor(SIGNED_OUT);

      await partner.click("#ask");
      await partner.waitFor(SIGNED_OUT);
      const { logins } = watch(world);
      await partner.reload();
      await partner.waitFor(SIGNED_OUT);
      expect(logins()).toEqual([]);
    },
  },
  {
    name: "a partner page that never heard of a logout elsewhere is signed out by its next load, and Kakao is not asked (CWE-613)",
    async run({ openBrowser, world }) {
      const browser = await openBrowser();
      const [partner, app] = [await browser.newTab(), await browser.newTab()];
      await logInAtPartner(partner);
      await app.goto(`${APP}/`);
      await app.waitFor(SIGNED_IN);
      await app.click("#logout");
      await app.waitFor(SIGNED_OUT);

      const { kakaoCalls } = watch(world);
      await partner.reload();
      await partner.waitFor(SIGNED_OUT);
      expect(kakaoCalls()).toEqual([]);
    },
  },
  {
    name: "signing out before the page asked who is signed in ends the login all the same (CWE-613)",
    async run({ openBrowser }) {
      await signOutUnasked(await openBrowser());
    },
  },
  {
    name: "the same where the settings block cookies on other sites' pages, and the bearer went with the page before",
    needs: ["block third-party cookies"],
    async run({ openBrowser, world }) {
      const { logins } = watch(world);
      await signOutUnasked(await openBrowser({ blockCookies: { of: AUTH, on: PARTNER } }));
      expect(logins().map(({ url }) => url.searchParams.get("prompt"))).toEqual([null, "none"]);
    },
  },
  {
    name: "signing out everywhere ends the logins of other browsers too",
    async run({ openBrowser }) {
      const here = await (await openBrowser()).newTab();
      const there = await (await openBrowser()).newTab();
      await logInAtPartner(here);
      await logIn(there, FULL_PROFILE);

      await here.click("#logout-everywhere");
      await here.waitFor(SIGNED_OUT);
      await there.reload();
      await there.waitFor(SIGNED_OUT);
    },
  },
  {
    name: "signing out here leaves the logins of other browsers alone",
    async run({ openBrowser }) {
      const here = await (await openBrowser()).newTab();
      const there = await (await openBrowser()).newTab();
      await logInAtPartner(here);
      await logIn(there, FULL_PROFILE);

      await here.click("#logout");
      await here.waitFor(SIGNED_OUT);
      await there.reload();
      await there.waitFor(SIGNED_IN);
    },
  },
  {
    name: "two tabs of one front end follow each other's logout",
    async run({ openBrowser }) {
      const browser = await openBrowser();
      const [first, second] = [await browser.newTab(), await browser.newTab()];
      await logInAtPartner(first);
      await second.goto(`${PARTNER}/`);
      await second.waitFor(SIGNED_IN);

      await first.click("#logout");
      await first.waitFor(SIGNED_OUT);
      await second.waitFor(SIGNED_OUT);
    },
  },
];
