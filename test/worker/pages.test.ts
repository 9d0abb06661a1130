import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { logLine, NAVIGATION } from "./support/answers.ts";
import { AUTH, SHOP, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
beforeEach(() => worker.clearLogs());
afterAll(() => worker.close());

describe("an error for a person", () => {
  const ERRORS: [path: string, event: string, status: number, init?: RequestInit][] = [
    ["/nowhere", "not_found", 404],
    ["/login/kakao?prompt=x", "invalid_request", 400],
    ["/login/kakao?redirect_to=https://evil.test/", "invalid_redirect_to", 400],
    ["/login/kakao/callback?code=x&state=y", "invalid_callback", 400],
    ["/sessions", "unauthenticated", 401],
    ["/session", "method_not_allowed", 405, { method: "POST" }],
    ["/logout", "invalid_origin", 403, { method: "POST" }],
  ];

  it.each(ERRORS)("at %s is a page whose reference leads to the log line (%s)", async (path, event, status, init) => {
    const headers = { ...NAVIGATION, ...(event === "invalid_origin" && { Origin: "https://evil.test" }) };
    const answer = await worker.fetch(path, { ...init, headers });
    const page = await answer.text();
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([status, "text/html; charset=UTF-8"]);
    const reference = /<code>([\w-]+)<\/code>/.exec(page)?.[1];
    const line = await logLine(worker, { event, reference, status });
    expect(line.path).toBe(path.split("?")[0]);
    expect(page.match(/<h1>/g)).toHaveLength(1);
  });

  it.each([
    ["Sec-Fetch-Mode alone", { "MF-Sec-Fetch-Mode": "navigate", Accept: "*/*" }, "text/html"],
    ["Accept alone", { Accept: "text/html" }, "text/html"],
    ["a program", { Accept: "*/*" }, "application/json"],
    ["a program that asks for JSON", { Accept: "application/json" }, "application/json"],
  ] as [string, Record<string, string>, string][])(
    "is told from one for a program by %s",
    async (_what, headers, type) => {
      const answer = await worker.fetch("/nowhere", { headers });
      expect(answer.headers.get("Content-Type")).toContain(type);
    },
  );

  it("never has a reference that the caller chose (CWE-117)", async () => {
    const headers = { ...NAVIGATION, "X-Request-Id": "chosen", "CF-Ray": '<script>","level":"error' };
    const answer = await worker.fetch("/nowhere", { headers });
    expect(await answer.text()).not.toMatch(/chosen|<script/);
    await logLine(worker, { event: "not_found" });
    expect(worker.logText()).not.toMatch(/chosen|<script/);
  });
});

describe("a page", () => {
  it.each([
    ["ko-KR,ko;q=0.9,en;q=0.8", "", "ko"],
    ["en-US,en;q=0.9", "", "en"],
    ["fr-FR", "", "ko"],
    ["en", "lang=ko", "ko"],
    ["ko", "lang=en", "en"],
    ["en", "lang=xx", "en"],
    ['en"><script>', "lang=%22><script>", "ko"],
  ])("for Accept-Language %s and the query %j is in %s", async (accepted, query, language) => {
    for (const path of ["/", "/logout", "/nowhere"]) {
      const headers = { ...NAVIGATION, "Accept-Language": accepted };
      const answer = await worker.fetch(`${path}?${query}`, { headers });
      const page = await answer.text();
      expect(page).toContain(`<html lang="${language}">`);
      expect(page).not.toContain("<script");
      expect(answer.headers.get("Vary")).toMatch(/\bAccept-Language\b/);
    }
  });

  it("allows its one style by a nonce that is never the same twice (CSP)", async () => {
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const answer = await worker.fetch("/");
        const nonce = /style-src 'nonce-([\w-]{22,})'/.exec(answer.headers.get("Content-Security-Policy") ?? "")?.[1];
        expect(await answer.text()).toContain(`<style nonce="${nonce}">`);
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(2);
  });

  it("to log in hands its query on to the login start", async () => {
    const query = new URLSearchParams({ redirect_to: `${SHOP}/cart?a=1&b="2"`, prompt: "select_account" });
    const page = await (await worker.fetch(`/?${query}`)).text();
    const href = /href="(\/login\/kakao[^"]*)"/.exec(page)?.[1]?.replaceAll("&amp;", "&") ?? "";
    expect(Object.fromEntries(new URL(href, AUTH).searchParams)).toEqual(Object.fromEntries(query));
    expect(page).toContain("<strong>app.shop.test</strong>");
  });
});
