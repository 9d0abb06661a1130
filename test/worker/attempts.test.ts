import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attributesOf } from "./support/answers.ts";
import { attemptCookies } from "./support/attempt.ts";
import { newBrowser } from "./support/browser.ts";
import { AUTH, SHOP, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.close());

const tab = (number: number) => ({ redirect_to: `${SHOP}/tab/${number}` });
const TABS = [1, 2, 3, 4, 5];
const CHALLENGE = { code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256" };

describe("logins in several tabs of one browser", () => {
  it("all succeed, five at once, each at its own return target", async () => {
    const browser = newBrowser(worker);
    const callbacks: URL[] = [];
    for (const number of TABS) callbacks.push(await browser.visitKakao({ query: tab(number) }));
    expect(attemptCookies(browser)).toHaveLength(5);
    const cookie = browser.cookieHeader();
    const answers = await Promise.all(
      callbacks.map(({ pathname, search }) => worker.fetch(pathname + search, { headers: { Cookie: cookie } })),
    );
    expect(answers.map((answer) => answer.headers.get("Location"))).toEqual(TABS.map((n) => `${SHOP}/tab/${n}`));
  });

  it("succeed in any order", async () => {
    const browser = newBrowser(worker);
    const callbacks: URL[] = [];
    for (const number of TABS) callbacks.push(await browser.visitKakao({ query: tab(number) }));
    for (const [index, callback] of [...callbacks.entries()].toReversed()) {
      const answer = await browser.fetch(callback.pathname + callback.search);
      expect(answer.headers.get("Location")).toBe(`${SHOP}/tab/${index + 1}`);
    }
  });

  it("do not disturb each other: one cancelled, one abandoned, one finished", async () => {
    const browser = newBrowser(worker);
    const [cancelled, , finished] = [
      await browser.start(tab(1)),
      await browser.start(tab(2)),
      await browser.start(tab(3)),
    ];
    const state = cancelled?.searchParams.get("state");
    const first = await browser.fetch(`/login/kakao/callback?error=access_denied&state=${state}`);
    expect(first.headers.get("Location")).toMatch(/\/tab\/1\?error=access_denied/);
    const callback = await worker.kakao.authorize(finished ?? "");
    const third = await browser.fetch(callback.href.replace(AUTH, ""));
    expect(third.headers.get("Location")).toBe(`${SHOP}/tab/3`);
  });

  it("are five at most: a sixth evicts the oldest, and only that one", async () => {
    const browser = newBrowser(worker);
    const callbacks: URL[] = [];
    for (const number of [...TABS, 6]) callbacks.push(await browser.visitKakao({ query: tab(number) }));
    expect(attemptCookies(browser)).toHaveLength(5);
    const cookie = browser.cookieHeader();
    const answers = await Promise.all(
      callbacks.map(({ pathname, search }) => worker.fetch(pathname + search, { headers: { Cookie: cookie } })),
    );
    expect(answers.map((answer) => answer.status)).toEqual([400, 302, 302, 302, 302, 302]);
  });

  it("are five at most after any number of links, so that a request's headers stay small (CWE-400)", async () => {
    const browser = newBrowser(worker);
    for (let link = 0; link < 20; link += 1) await browser.start(tab(link));
    expect(attemptCookies(browser)).toHaveLength(5);
  });

  it("evict with the attributes that the cookie was set with", async () => {
    const browser = newBrowser(worker);
    for (const number of TABS) await browser.start(tab(number));
    const [[oldest] = [""]] = attemptCookies(browser);
    const answer = await browser.fetch(`/login/kakao?${new URLSearchParams(tab(6))}`);
    const eviction = answer.headers.getSetCookie().find((line) => line.startsWith(`${oldest}=;`));
    expect(attributesOf(eviction ?? null)).toEqual({
      path: "/",
      httponly: true,
      secure: true,
      samesite: "Lax",
      "max-age": "0",
    });
  });
});

describe("the cookie of a login attempt", () => {
  const started = async (query: Record<string, string>) => {
    const answer = await worker.fetch(`/login/kakao?${new URLSearchParams(query)}`);
    const kakao = new URL(answer.headers.get("Location") ?? "");
    return { lines: answer.headers.getSetCookie(), state: kakao.searchParams.get("state") ?? "" };
  };

  it("is for this host alone, unreadable for scripts, and outlives the attempt's ten minutes", async () => {
    const { lines } = await started(tab(1));
    expect(lines).toHaveLength(1);
    const { "max-age": maxAge, ...attributes } = attributesOf(lines[0] ?? null);
    expect(attributes).toEqual({ path: "/", httponly: true, secure: true, samesite: "Lax" });
    expect(Number(maxAge)).toBeGreaterThan(600);
    expect(Number(maxAge)).toBeLessThanOrEqual(86_400);
    expect(lines[0]).toMatch(/^__Host-[\w-]+=[\w-]+;/);
  });

  it("shows neither the state nor the return target to whoever reads it (CWE-315)", async () => {
    const { lines, state } = await started({ redirect_to: `${SHOP}/secret-campaign`, state: "state-of-the-front-end" });
    const line = lines[0] ?? "";
    const sealed = Buffer.from(/=([\w-]+)/.exec(line)?.[1] ?? "", "base64url").toString("latin1");
    for (const text of [line, sealed]) {
      for (const secret of [state, "secret-campaign", "state-of-the-front-end"]) expect(text).not.toContain(secret);
    }
  });

  it("is never the same for two equal links", async () => {
    const [one, two] = [await started(tab(1)), await started(tab(1))];
    expect(one.lines[0]?.split(";")[0]).not.toBe(two.lines[0]?.split(";")[0]);
  });

  it.each([
    ["letters", "s"],
    ["quotation marks", '"'],
    ["backslashes", "\\"],
  ])(
    "fits into 4,096 bytes for the largest link, its state full of %s (RFC 6265bis section 5.6)",
    async (_what, letter) => {
      const base = `${SHOP}/?q=`;
      const query = { redirect_to: base + "q".repeat(2048 - base.length), state: letter.repeat(512), ...CHALLENGE };
      const { lines } = await started(query);
      const pair = lines[0]?.split(";")[0] ?? "";
      expect(pair.length).toBeGreaterThan(3000);
      expect(pair.length).toBeLessThanOrEqual(4096);
    },
  );

  it("lives a minute at most once it is spent", async () => {
    const answer = await newBrowser(worker).login();
    const line = answer.headers.getSetCookie().find((cookie) => cookie.startsWith("__Host-login-")) ?? null;
    expect(Number(attributesOf(line)["max-age"])).toBeLessThanOrEqual(60);
  });
});
