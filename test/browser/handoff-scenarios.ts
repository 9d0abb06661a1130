import { expect } from "vitest";
import { FULL_PROFILE } from "../simulator/index.ts";
import { logInAtPartner, usualTransport, watch } from "./handoff-visits.ts";
import type { Scenario } from "./scenario.ts";
import { BLANK_PATH } from "./tls-server.ts";
import { goToKakao, logIn, nicknameOf, readSession } from "./visits.ts";
import { APP, AUTH, PARTNER, STRANGER } from "./world.ts";

const SIGNED_IN = 'body[data-state="signed-in"]';
const SIGNED_OUT = 'body[data-state="signed-out"]';

/** A script of the page that loads a page of the auth host in a frame, and asks it for its `document.cookie`. */
const COOKIES_OF_FRAME = `new Promise((resolve) => {
  addEventListener("message", ({ data }) => resolve(data), { once: true });
  document.body.append(Object.assign(document.createElement("iframe"), { src: "${AUTH}${BLANK_PATH}" }));
})`;

/** A session for a front end on another site, by the browser's own rules. */
export const handoffScenarios: Scenario[] = [
  {
    name: "a page on another site ends signed in with a clean address, by the transport that the engine allows",
    async run(stage) {
      const tab = await (await stage.openBrowser()).newTab();
      const { exchanges } = watch(stage.world);
      await logInAtPartner(tab);

      expect(await tab.text("#name")).toBe(nicknameOf(FULL_PROFILE));
      expect(await tab.evaluate("document.body.dataset.transport")).toBe(usualTransport(stage));
      expect(tab.url().href).toBe(`${PARTNER}/`);
      // The client tries the cookie first, and falls back once where the browser did not keep it.
      expect(exchanges().map(({ status }) => status)).toEqual(usualTransport(stage) === "cookie" ? [200] : [200, 200]);
    },
  },
  {
    name: "the cookie is out of reach of scripts in the partner's partition, or not there at all",
    async run(stage) {
      const tab = await (await stage.openBrowser()).newTab();
      await logInAtPartner(tab);
      const { cookiesFrom } = watch(stage.world);
      const answer = await readSession(tab);

      if (usualTransport(stage) === "cookie") {
        expect(answer.user).toMatchObject({ nickname: nicknameOf(FULL_PROFILE) });
        expect(cookiesFrom(PARTNER)).toHaveLength(1);
      } else {
        expect(answer.user).toBeNull();
        expect(cookiesFrom(PARTNER)).toEqual([]);
      }
      expect(await tab.evaluate("document.cookie")).toBe("");
      expect(await tab.evaluate(COOKIES_OF_FRAME)).toBe("");
      expect(await tab.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")).not.toMatch(/[\w-]{43}/);
    },
  },
  {
    name: "a reload stays signed in: with the cookie at once, with a bearer by signing on silently exactly once",
    async run(stage) {
      const tab = await (await stage.openBrowser()).newTab();
      await logInAtPartner(tab);
      for (let reloads = 0; reloads < 2; reloads++) {
        const { logins, kakaoCalls } = watch(stage.world);
        await tab.reload();
        await tab.waitFor(SIGNED_IN);

        expect(await tab.evaluate("document.body.dataset.transport")).toBe(usualTransport(stage));
        const prompts = logins().map(({ url }) => url.searchParams.get("prompt"));
        expect(prompts).toEqual(usualTransport(stage) === "cookie" ? [] : ["none"]);
        expect(kakaoCalls()).toEqual([]);
        expect(tab.url().href).toBe(`${PARTNER}/`);
      }
    },
  },
  {
    name: "pages of other sites neither see the handed-off session nor send its cookie",
    async run(stage) {
      const tab = await (await stage.openBrowser()).newTab();
      await logInAtPartner(tab);
      const { cookiesFrom, from } = watch(stage.world);
      await readSession(tab);
      await tab.goto(`${STRANGER}/`);
      await expect(readSession(tab)).rejects.toThrow(/Failed to fetch|NetworkError|Load failed/);
      expect(from(STRANGER)).toHaveLength(1);
      expect(cookiesFrom(STRANGER)).toEqual([]);

      await tab.goto(`${APP}/`);
      await tab.waitFor(SIGNED_IN);
      expect(cookiesFrom(APP)).toHaveLength(1);
      expect(cookiesFrom(PARTNER)).not.toContain(cookiesFrom(APP)[0]);
    },
  },
  {
    name: "everything started twice at once, as in React's Strict Mode, exchanges the code once",
    async run(stage) {
      const tab = await (await stage.openBrowser()).newTab();
      const { exchanges } = watch(stage.world);
      await logInAtPartner(tab, FULL_PROFILE, `${PARTNER}/?twice`);

      expect(tab.url().href).toBe(`${PARTNER}/?twice`);
      expect(exchanges()).toHaveLength(usualTransport(stage) === "cookie" ? 1 : 2);
      expect(exchanges().every(({ status }) => status === 200)).toBe(true);
    },
  },
  {
    name: "an exchange whose answer was lost ends signed in all the same, and by the usual transport after a reload",
    async run(stage) {
      const tab = await (await stage.openBrowser()).newTab();
      const { exchanges } = watch(stage.world);
      stage.world.loseAnswer("/session/exchange");
      await logInAtPartner(tab);

      expect(await tab.text("#name")).toBe(nicknameOf(FULL_PROFILE));
      expect(await tab.evaluate("document.body.dataset.transport")).toBe("bearer");
      expect(await tab.evaluate("document.body.dataset.error")).toBe("none");
      expect(exchanges().map(({ status }) => status)).toEqual([200, 200]);

      const { logins } = watch(stage.world);
      await tab.reload();
      await tab.waitFor(SIGNED_IN);
      expect(await tab.evaluate("document.body.dataset.transport")).toBe(usualTransport(stage));
      expect(logins().map(({ url }) => url.searchParams.get("prompt"))).toEqual(["none"]);
    },
  },
  {
    name: "who is signed in at one front end is signed on at the other without Kakao",
    async run({ openBrowser, world }) {
      const tab = await (await openBrowser()).newTab();
      await logIn(tab, FULL_PROFILE);
      await tab.goto(`${PARTNER}/`);
      await tab.waitFor(SIGNED_OUT);
      const { kakaoCalls } = watch(world);
      await tab.click("#login");
      await tab.waitFor(SIGNED_IN);

      expect(tab.url().href).toBe(`${PARTNER}/`);
      expect(await tab.text("#name")).toBe(nicknameOf(FULL_PROFILE));
      expect(kakaoCalls()).toEqual([]);
    },
  },
  {
    name: "where the settings block cookies on other sites' pages, the session is a bearer and survives a reload",
    needs: ["block third-party cookies"],
    async run({ openBrowser, world }) {
      const tab = await (await openBrowser({ blockCookies: { of: AUTH, on: PARTNER } })).newTab();
      await logInAtPartner(tab);
      expect(await tab.evaluate("document.body.dataset.transport")).toBe("bearer");
      expect((await readSession(tab)).user).toBeNull();

      const { logins, kakaoCalls } = watch(world);
      await tab.reload();
      await tab.waitFor(SIGNED_IN);
      expect(logins().map(({ url }) => url.searchParams.get("prompt"))).toEqual(["none"]);
      expect(kakaoCalls()).toEqual([]);
    },
  },
  {
    name: "a first visit signs nobody in and leaves for nowhere",
    async run({ openBrowser, world }) {
      const tab = await (await openBrowser()).newTab();
      const { logins } = watch(world);
      await tab.goto(`${PARTNER}/`);
      await tab.waitFor(SIGNED_OUT);
      expect(logins()).toEqual([]);
      await goToKakao(tab, `${PARTNER}/`);
    },
  },
];
