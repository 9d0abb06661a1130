import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { reactFrontend } from "../frontends/serve-react.ts";
import { serverRenderedFrontend } from "../frontends/server-rendered/app.ts";
import { FULL_PROFILE, NINETEEN_DIGITS } from "../simulator/index.ts";
import { chromiumEngine } from "./chromium.ts";
import type { Browser, Tab } from "./engine.ts";
import { agreeAtKakao, cancelAtKakao, logInAtKakao } from "./kakao-pages.ts";
import { logIn, nicknameOf } from "./visits.ts";
import { APP, AUTH, KAKAO, PARTNER, startWorld, type World } from "./world.ts";

/** A server-rendered front end on a sibling host of the Worker. */
const SSR = "https://ssr.shop.test";
const SIGNED_IN = '[data-state="signed-in"]';
const SIGNED_OUT = '[data-state="signed-out"]';

let world: World;
let browser: Browser;
let tab: Tab;
let profileFolder: string;

beforeAll(async () => {
  const react = await reactFrontend({ authOrigin: AUTH });
  world = await startWorld({
    cookieDomain: "shop.test",
    frontends: (askWorker) => {
      const ask = async (request: Request) => askWorker(request);
      const serverRendered = serverRenderedFrontend({ origin: SSR, authOrigin: AUTH, ask });
      return { [PARTNER]: (request) => react.fetch(request), [SSR]: (request) => serverRendered.fetch(request) };
    },
  });
});
afterAll(() => world?.close());

beforeEach(async () => {
  profileFolder = await mkdtemp(join(tmpdir(), "kakao-auth-profile-"));
  browser = await chromiumEngine.open({ profileFolder, tlsPort: world.tlsPort });
  tab = await browser.newTab();
});
afterEach(async () => {
  await browser?.close();
  await rm(profileFolder, { recursive: true, force: true, maxRetries: 3 });
});

describe("React in Strict Mode, on another site than the Worker", () => {
  const logInWithReact = async () => {
    await tab.goto(`${PARTNER}/`);
    await tab.waitFor(SIGNED_OUT);
    await tab.click("#login");
    await tab.waitForUrl((url) => url.origin === KAKAO);
    await logInAtKakao(tab, FULL_PROFILE);
    await agreeAtKakao(tab);
    await tab.waitFor(SIGNED_IN);
  };

  test("logs in through the hand-off, with one exchange although every effect runs twice", async () => {
    const seenBefore = world.requestsToWorker.length;
    await logInWithReact();

    expect(await tab.text("#name")).toBe(nicknameOf(FULL_PROFILE));
    const exchanges = world.requestsToWorker
      .slice(seenBefore)
      .filter(({ method, url }) => method === "POST" && url.pathname === "/session/exchange");
    expect(exchanges.map(({ status }) => status)).toEqual([200]);
  });

  test("leaves a clean address and no credential within a script's reach", async () => {
    await logInWithReact();
    expect((await tab.url()).href).toBe(`${PARTNER}/`);
    expect(await tab.evaluate("document.cookie")).toBe("");
    const stored = await tab.evaluate<string>("JSON.stringify({ ...localStorage, ...sessionStorage })");
    expect(stored).not.toMatch(/[\w-]{43}/);
    await tab.waitFor('[data-transport="cookie"]');
  });

  test("stays signed in over a reload, without another exchange", async () => {
    await logInWithReact();
    const seenBefore = world.requestsToWorker.length;
    await tab.reload();
    await tab.waitFor(SIGNED_IN);
    expect(await tab.text("#name")).toBe(nicknameOf(FULL_PROFILE));
    expect(world.requestsToWorker.slice(seenBefore).some(({ method }) => method === "POST")).toBe(false);
  });

  test("logs out here, in its other tab and at the front ends beside the Worker", async () => {
    await logInWithReact();
    const second = await browser.newTab();
    await second.goto(`${PARTNER}/`);
    await second.waitFor(SIGNED_IN);

    await tab.click("#logout");
    await tab.waitFor(SIGNED_OUT);
    await second.waitFor(SIGNED_OUT);
    await tab.goto(`${APP}/`);
    await tab.waitFor(SIGNED_OUT);
  });

  test("says in which way a login failed, and leaves a clean address", async () => {
    await tab.goto(`${PARTNER}/`);
    await tab.click("#login");
    await logInAtKakao(tab, NINETEEN_DIGITS);
    await cancelAtKakao(tab);
    await tab.waitForUrl((url) => url.href === `${PARTNER}/`);
    await tab.waitFor(SIGNED_OUT);
    expect(await tab.text('[role="alert"]')).toContain("access_denied");
  });
});

describe("a server-rendered page on a sibling host, with COOKIE_DOMAIN", () => {
  test("sends a signed-out visitor to the login, and knows on the way back who it is", async () => {
    await tab.goto(`${SSR}/`);
    expect((await tab.url()).origin).toBe(KAKAO);
    await logInAtKakao(tab, FULL_PROFILE);
    await agreeAtKakao(tab);
    await tab.waitForUrl((url) => url.origin === SSR);
    expect(await tab.text("#name")).toBe(nicknameOf(FULL_PROFILE));
  });

  test("knows who logged in at another front end of the site, without a script", async () => {
    await logIn(tab, FULL_PROFILE);
    expect(await tab.goto(`${SSR}/`)).toBe(200);
    expect((await tab.url()).href).toBe(`${SSR}/`);
    expect(await tab.text("#name")).toBe(nicknameOf(FULL_PROFILE));
    expect(await tab.evaluate("document.scripts.length")).toBe(0);
    expect(await tab.evaluate("document.cookie")).toBe("");
  });

  test("logs out by a form, everywhere on the site", async () => {
    await logIn(tab, FULL_PROFILE);
    await tab.goto(`${SSR}/`);
    await tab.click("#logout");
    await tab.waitForUrl((url) => url.href === `${SSR}/signed-out`);
    await tab.waitFor(SIGNED_OUT);

    const cookies = await browser.cookies(AUTH);
    expect(cookies.filter(({ name }) => name === "__Secure-session")).toEqual([]);
    await tab.goto(`${APP}/`);
    await tab.waitFor(SIGNED_OUT);
  });

  test("shows a cancelled login instead of starting the next one", async () => {
    await tab.goto(`${SSR}/`);
    await logInAtKakao(tab, NINETEEN_DIGITS);
    await cancelAtKakao(tab);
    await tab.waitForUrl((url) => url.origin === SSR);
    expect(await tab.text("#error")).toContain("access_denied");
  });
});
