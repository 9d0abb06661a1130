import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newBrowser, type TestBrowser } from "./support/browser.ts";
import { AUTH, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.close());

const signedIn = async (): Promise<TestBrowser> => {
  const browser = newBrowser(worker);
  await browser.login();
  return browser;
};

const source = (response: Response): string =>
  /desc="(\w+)"/.exec(response.headers.get("Server-Timing") ?? "")?.[1] ?? "";

describe("a check", () => {
  it("asks D1 once, then answers from memory", async () => {
    const browser = await signedIn();
    const first = await browser.fetch("/session");
    expect(source(first)).toBe("database");
    expect(first.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-proof=.*; Max-Age=300; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    const second = await browser.fetch("/session");
    expect(source(second)).toBe("memory");
    expect(second.headers.getSetCookie()).toEqual([]);
    expect(await second.json()).toEqual(await first.json());
  });

  it("is refused at once after a logout in the same isolate", async () => {
    const browser = await signedIn();
    await browser.fetch("/session");
    const cookie = browser.cookieHeader();
    await browser.fetch("/logout", { method: "POST", headers: { Origin: AUTH } });
    const late = await worker.fetch("/session", { headers: { Cookie: cookie } });
    expect(await late.json()).toEqual({ user: null, session: null });
  });
});
