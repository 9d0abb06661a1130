import { expect } from "vitest";
import type { Person } from "../simulator/index.ts";
import type { Browser, StoredCookie, Tab } from "./engine.ts";
import { agreeAtKakao, logInAtKakao } from "./kakao-pages.ts";
import { APP, AUTH, KAKAO, type World } from "./world.ts";

export const SESSION_COOKIE = "__Host-session";

/** What `GET /session` answers. */
export type SessionAnswer = {
  user: { id: string; nickname: string | null; email: string | null } | null;
  session: { id: string } | null;
};

/** The nickname that Kakao tells of a person; every person who logs in here has one. */
export function nicknameOf(person: Person): string {
  return person.account?.nickname ?? expect.fail(`the person ${person.id} has no nickname`);
}

/** Opens a page of a front end, follows its login link and stops at the page where Kakao asks who it is. */
export async function goToKakao(tab: Tab, page = `${APP}/`): Promise<void> {
  await tab.goto(page);
  await tab.waitFor('body[data-state="signed-out"]');
  await tab.click("#login");
  await tab.waitForUrl((url) => url.origin === KAKAO);
}

/** The whole way: front end, Kakao, consent where it is asked, back at the front end, signed in. */
export async function logIn(tab: Tab, person: Person): Promise<void> {
  await goToKakao(tab);
  await logInAtKakao(tab, person);
  await agreeAtKakao(tab);
  await tab.waitForUrl((url) => url.origin === APP);
  await tab.waitFor('body[data-state="signed-in"]');
}

/** Starts a login in this tab and has the person agree elsewhere, so that the callback's address is known but unused. */
export async function unusedCallback(tab: Tab, world: World, person: Person): Promise<string> {
  await goToKakao(tab);
  const callback = await world.kakao.authorize(authorizeAddress(world), { person });
  return callback.href;
}

/** The authorization request that the Worker last sent a browser to. */
function authorizeAddress(world: World): string {
  const address = world.kakao.calls.findLast((call) => call.path === "/oauth/authorize")?.url;
  return address ?? expect.fail("no browser reached Kakao's authorize endpoint");
}

/** Asks who is signed in as a script of the page in `tab` would: with credentials, under the browser's own rules. */
export function readSession(tab: Tab): Promise<SessionAnswer> {
  return tab.evaluate(`fetch("${AUTH}/session", { credentials: "include" }).then((response) => response.json())`);
}

/** The session cookie that the browser holds, if any. */
export async function sessionCookie(browser: Browser): Promise<StoredCookie | null> {
  return (await browser.cookies(AUTH)).find((cookie) => cookie.name === SESSION_COOKIE) ?? null;
}

/** Presses Tab until the focused element meets the condition. */
export async function tabTo(tab: Tab, condition: (href: string) => boolean): Promise<void> {
  for (let presses = 0; presses < 20; presses++) {
    await tab.press("Tab");
    const { href } = await tab.focused();
    if (href !== null && condition(href)) {
      return;
    }
  }
  expect.fail("no such link can be reached with the Tab key");
}
