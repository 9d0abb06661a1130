import { expect } from "vitest";
import { SESSION_COOKIE, setCookieOf } from "./answers.ts";
import type { TestBrowser } from "./browser.ts";
import { AUTH, SECRETS, SHOP, type TestWorker } from "./worker.ts";

const STATE = "the front end's own/state+1";

/** A link whose every part has to survive a failure. */
export const QUERY = { redirect_to: `${SHOP}/welcome?cart=7#top`, state: STATE };

/** Whatever went wrong: the browser is back at the front end, told why, and nobody is signed in. */
export const expectFailure = async (browser: TestBrowser, answer: Response, error: string): Promise<void> => {
  const location = answer.headers.get("Location") ?? "";
  expect([answer.status, location.split("?")[0]]).toEqual([302, `${SHOP}/welcome`]);
  const { searchParams, hash } = new URL(location);
  expect([...searchParams]).toEqual([
    ["cart", "7"],
    ["error", error],
    ["error_description", expect.stringMatching(/^[A-Z].{15,}\.$/)],
    ["state", STATE],
  ]);
  expect(hash).toBe("#top");
  expect(setCookieOf(answer, SESSION_COOKIE)).toBeNull();
  expect(await browser.session()).toEqual({ user: null, session: null });
};

/** Neither what came back from Kakao nor what the browser or the Worker keeps (CWE-532). */
export const expectNothingSecretInLog = (worker: TestWorker, callback: URL, cookies: Iterable<string>): void => {
  const { code, state } = Object.fromEntries(callback.searchParams);
  const log = worker.logText();
  for (const secret of [code, state, ...cookies, ...Object.values(SECRETS)]) {
    if (secret) expect(log).not.toContain(secret);
  }
};

/** A login through a faulty Kakao; returns the answer to the callback. */
export const loginThrough = async (
  worker: TestWorker,
  browser: TestBrowser,
  makeFaulty: () => void,
): Promise<Response> => {
  const callback = await browser.visitKakao({ query: QUERY });
  const cookies = [...browser.cookies.values()];
  makeFaulty();
  const answer = await browser.fetch(callback.href.replace(AUTH, ""));
  expectNothingSecretInLog(worker, callback, cookies);
  return answer;
};
