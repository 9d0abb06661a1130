import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { logLine, SESSION_COOKIE, setCookieOf } from "./support/answers.ts";
import { newBrowser } from "./support/browser.ts";
import { expectFailure, QUERY } from "./support/failed-login.ts";
import { AUTH, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterEach(() => worker.kakao.faults.clear());
afterAll(() => worker.close());

const [TOKEN, USER, KEYS] = ["/oauth/token", "/v2/user/me", "/.well-known/jwks.json"];

/** Fires a callback and goes on as soon as Kakao was asked for all of `paths`; the answer comes later. */
const fire = async (...paths: (string | undefined)[]) => {
  const browser = newBrowser(worker);
  const callback = await browser.visitKakao({ query: QUERY });
  const earlier = worker.kakao.calls.length;
  const startedAt = performance.now();
  const answer = browser.fetch(callback.href.replace(AUTH, "")).then((response) => ({
    browser,
    response,
    seconds: (performance.now() - startedAt) / 1000,
  }));
  await vi.waitFor(() => {
    expect(worker.kakao.calls.slice(earlier).map(({ path }) => path)).toEqual(expect.arrayContaining(paths));
  });
  return { answer };
};

/** The next answer to the user call has a head, the start of a body, and no end. */
const stallNextBody = (): void => {
  const { fetch } = worker.kakao;
  worker.kakao.fetch = async (request) => {
    if (new URL(request.url).pathname !== USER) return fetch(request);
    worker.kakao.fetch = fetch;
    await (await fetch(request)).body?.cancel();
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{"id":')) });
    return new Response(body, { headers: { "Content-Type": "application/json" } });
  };
};

describe("a callback", () => {
  it("gives each call to Kakao three seconds, head and body, and no answer of ours takes eight", async () => {
    const { faults } = worker.kakao;
    await newBrowser(worker).login();

    faults.set("token", { kind: "hang" }, 1);
    const token = await fire(TOKEN);
    faults.set("user", { kind: "hang" }, 1);
    const user = await fire(USER);
    faults.set("token", { kind: "claims", claims: {}, header: { kid: "unknown" } }, 1);
    faults.set("jwks", { kind: "hang" }, 1);
    const keys = await fire(USER, KEYS);
    stallNextBody();
    const body = await fire(USER);
    faults.set("token", { kind: "delay", ms: 2000 }, 1);
    const slow = await fire(TOKEN);
    faults.set("user", { kind: "delay", ms: 2000 }, 1);

    for (const hung of [token, user, keys, body]) {
      const { browser, response, seconds } = await hung.answer;
      expect(seconds).toBeGreaterThan(2.5);
      expect(seconds).toBeLessThan(5);
      await expectFailure(browser, response, "kakao_unavailable");
    }
    for (const step of ["token", "user", "jwks"]) await logLine(worker, { step, kakao_code: "timeout" });

    const { response, seconds } = await slow.answer;
    expect(setCookieOf(response, SESSION_COOKIE)).not.toBeNull();
    expect(seconds).toBeGreaterThan(3.9);
    expect(seconds).toBeLessThan(8);
  });
});
