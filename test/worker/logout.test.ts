import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FULL_PROFILE } from "../simulator/index.ts";
import { attributesOf, expectError, NAVIGATION, SESSION_COOKIE, setCookieOf } from "./support/answers.ts";
import { newBrowser, type TestBrowser } from "./support/browser.ts";
import { changeSession, withoutTable } from "./support/database.ts";
import { check } from "./support/sessions.ts";
import { AUTH, PARTNER, SHOP, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.close());

let people = 0;
const signIn = async (count: number): Promise<TestBrowser[]> => {
  people += 1;
  const person = { ...FULL_PROFILE, id: String(2_604_400_000 + people), loginId: `person${people}@example.com` };
  const browsers = Array.from({ length: count }, () => newBrowser(worker));
  for (const browser of browsers) await browser.login({ person });
  return browsers;
};

/** Whether the session behind the token still lives, whatever the browser did with its cookie. */
const lives = async (token: string | undefined): Promise<boolean> => {
  const answer = await worker.fetch("/session/verify", { headers: { Authorization: `Bearer ${token}` } });
  return answer.status === 204;
};
const tokensOf = (browsers: TestBrowser[]) => browsers.map((browser) => browser.cookies.get(SESSION_COOKIE));

type Body = { type: string | null; body: string | null };
const json = (value: unknown): Body => ({ type: "application/json", body: JSON.stringify(value) });
const form = (fields: Record<string, string> | [string, string][]): Body => ({
  type: "application/x-www-form-urlencoded",
  body: new URLSearchParams(fields).toString(),
});
const multipart = (name: string, value: string): Body => ({
  type: "multipart/form-data; boundary=x",
  body: `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--x--\r\n`,
});
const NOTHING: Body = { type: null, body: null };

const post = (browser: TestBrowser | undefined, { type, body }: Body, headers: Record<string, string> = {}) =>
  (browser ?? newBrowser(worker)).fetch("/logout", {
    method: "POST",
    headers: { Origin: SHOP, ...(type && { "Content-Type": type }), ...headers },
    body,
  });

describe("POST /logout", () => {
  it.each([
    ["without a body", NOTHING, 204],
    ["with an empty JSON object", json({}), 204],
    ["with JSON in another charset's name", { type: "application/JSON; charset=utf-8", body: "{}" }, 204],
    ["with everywhere=false", json({ everywhere: false }), 204],
    ["with an empty form", form({}), 200],
    ["with a form that says everywhere=false", form({ everywhere: "false" }), 200],
  ])("ends this login alone %s", async (_what, body, status) => {
    const browsers = await signIn(2);
    const tokens = tokensOf(browsers);
    const answer = await post(browsers[0], body);
    expect(answer.status).toBe(status);
    expect(await Promise.all(tokens.map(lives))).toEqual([false, true]);
    expect(await browsers[0]?.session()).toEqual({ user: null, session: null });
  });

  it.each([
    ["JSON", json({ everywhere: true }), 204],
    ["JSON with a text", json({ everywhere: "true" }), 204],
    ["a form", form({ everywhere: "true" }), 200],
    ["a multipart form", multipart("everywhere", "true"), 200],
  ])("ends every login of the person with everywhere=true in %s", async (_what, body, status) => {
    const [browsers, [somebody]] = [await signIn(3), await signIn(1)];
    const tokens = tokensOf(browsers);
    expect((await post(browsers[0], body)).status).toBe(status);
    expect(await Promise.all(tokens.map(lives))).toEqual([false, false, false]);
    expect(await lives(somebody?.cookies.get(SESSION_COOKIE))).toBe(true);
  });

  it("clears the cookie with the attributes it was set with", async () => {
    const [browser] = await signIn(1);
    const line = setCookieOf(await post(browser, NOTHING), SESSION_COOKIE);
    expect(line).toMatch(/^__Host-session=;/);
    expect(attributesOf(line)).toEqual({ path: "/", httponly: true, secure: true, samesite: "Lax", "max-age": "0" });
  });

  it("is idempotent: twice, with an unknown cookie, with none", async () => {
    const [browser] = await signIn(1);
    const cookie = browser?.cookieHeader() ?? "";
    const requests: Record<string, string>[] = [
      { Cookie: cookie },
      { Cookie: cookie },
      { Cookie: `${SESSION_COOKIE}=x` },
      {},
    ];
    for (const headers of requests) expect((await post(newBrowser(worker), NOTHING, headers)).status).toBe(204);
  });

  it("never says that it is done while a planted second cookie keeps the session alive (CWE-613)", async () => {
    const [browser] = await signIn(1);
    const token = browser?.cookies.get(SESSION_COOKIE);
    const planted = `${SESSION_COOKIE}=${token}; ${SESSION_COOKIE}=${"A".repeat(43)}`;
    const answer = await post(newBrowser(worker), NOTHING, { Cookie: planted });
    expect({ ok: answer.ok, lives: await lives(token) }).not.toEqual({ ok: true, lives: true });
  });

  it.each([9, 10, 11, 30])("ends the real session behind %i planted cookies (CWE-613)", async (count) => {
    const [browser] = await signIn(1);
    const token = browser?.cookies.get(SESSION_COOKIE);
    const planted = Array.from({ length: count }, (_, n) => `${SESSION_COOKIE}=${String(n).padStart(43, "A")}`);
    const Cookie = [...planted, `${SESSION_COOKIE}=${token}`].join("; ");
    expect((await post(newBrowser(worker), NOTHING, { Cookie })).status).toBe(204);
    expect(await lives(token)).toBe(false);
  });

  it("with a session that had ended ends nobody, everywhere=true neither: an old token is no key (CWE-613)", async () => {
    const [old, living] = await signIn(2);
    const [oldToken = "", livingToken] = tokensOf([old, living].filter((browser) => browser !== undefined));
    await changeSession(worker.db, oldToken, { active_expires: Date.now() - 2000, idle_expires: Date.now() - 1000 });
    const credentials: Record<string, string>[] = [
      { Cookie: `${SESSION_COOKIE}=${oldToken}` },
      { Authorization: `Bearer ${oldToken}` },
    ];
    for (const headers of credentials) {
      expect((await post(newBrowser(worker), json({ everywhere: true }), headers)).status).toBe(204);
      expect(await lives(livingToken)).toBe(true);
    }
  });

  it("ends the login of a bearer, which needs no Origin, and leaves a cookie beside it alone", async () => {
    const [one, other] = await signIn(2);
    const [cookie, bearer] = tokensOf([one, other].filter((browser) => browser !== undefined));
    const headers = { Authorization: `Bearer ${bearer}`, Cookie: `${SESSION_COOKIE}=${cookie}`, Origin: SHOP };
    const answer = await worker.fetch("/logout", { method: "POST", headers });
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([204, []]);
    expect([await lives(cookie), await lives(bearer)]).toEqual([true, false]);
    const alone = await worker.fetch("/logout", { method: "POST", headers: { Authorization: `Bearer ${cookie}` } });
    expect([alone.status, await lives(cookie)]).toEqual([204, false]);
  });

  it("shows a person who sent a form that they are signed out", async () => {
    const [browser] = await signIn(1);
    const answer = await post(browser, form({}), { ...NAVIGATION, Origin: AUTH, "Accept-Language": "en" });
    expect(answer.headers.get("Content-Type")).toBe("text/html; charset=UTF-8");
    expect(await answer.text()).toContain("<h1>You are logged out</h1>");
  });

  it.each([
    ["a form", form({ redirect_to: `${SHOP}/bye?x=1#y` })],
    ["JSON", json({ redirect_to: `${SHOP}/bye?x=1#y` })],
    ["a multipart form", multipart("redirect_to", `${SHOP}/bye?x=1#y`)],
  ])("goes to an allowed redirect_to of %s, signed in or not", async (_what, body) => {
    for (const browser of [...(await signIn(1)), newBrowser(worker)]) {
      const answer = await post(browser, body);
      expect([answer.status, answer.headers.get("Location")]).toEqual([302, `${SHOP}/bye?x=1#y`]);
    }
  });
});

describe("POST /logout with a request that is wrong", () => {
  it.each([
    ["a foreign redirect_to in a form (CWE-601)", form({ redirect_to: "https://evil.test/" }), "invalid_redirect_to"],
    ["a foreign redirect_to in JSON", json({ redirect_to: "https://evil.test/" }), "invalid_redirect_to"],
    ["a relative redirect_to", form({ redirect_to: "//evil.test" }), "invalid_redirect_to"],
    ["a script as redirect_to (CWE-79)", form({ redirect_to: "javascript:alert(1)" }), "invalid_redirect_to"],
    ["the auth host as redirect_to", form({ redirect_to: `${AUTH}/logout` }), "invalid_redirect_to"],
    [
      "redirect_to twice",
      form([
        ["redirect_to", SHOP],
        ["redirect_to", SHOP],
      ]),
      "invalid_request",
    ],
    [
      "everywhere twice",
      form([
        ["everywhere", "true"],
        ["everywhere", "false"],
      ]),
      "invalid_request",
    ],
    ["a list as redirect_to", json({ redirect_to: [SHOP] }), "invalid_request"],
    ["a number as redirect_to", json({ redirect_to: 7 }), "invalid_request"],
    ["broken JSON", { type: "application/json", body: "{" }, "invalid_request"],
    ["a JSON list", json([]), "invalid_request"],
    ["a JSON null", json(null), "invalid_request"],
    ["a form that says it is JSON", { type: "application/json", body: "everywhere=true" }, "invalid_request"],
    ["a broken multipart form", { type: "multipart/form-data; boundary=x", body: "--y" }, "invalid_request"],
    ["17 kB", json({ padding: "x".repeat(17 * 1024) }), "invalid_request"],
  ] satisfies [string, Body, string][])("is a 400 and everybody stays signed in: %s", async (_what, body, code) => {
    const [browser] = await signIn(1);
    const token = browser?.cookies.get(SESSION_COOKIE);
    const answer = await post(browser, body);
    await expectError(answer, 400, code);
    expect([answer.headers.get("Location"), answer.headers.getSetCookie()]).toEqual([null, []]);
    expect(await lives(token)).toBe(true);
  });

  it("reads nothing from the query", async () => {
    const browsers = await signIn(2);
    const [, other] = tokensOf(browsers);
    const query = new URLSearchParams({ everywhere: "true", redirect_to: "https://evil.test/" });
    const answer = await browsers[0]?.fetch(`/logout?${query}`, { method: "POST", headers: { Origin: SHOP } });
    expect([answer?.status, answer?.headers.get("Location"), await lives(other)]).toEqual([204, null, true]);
  });
});

describe("POST /logout of a form on another site's page, to which a browser sends no Lax cookie", () => {
  const target = `${PARTNER}/bye?x=1#y`;
  const fromElsewhere = { Origin: PARTNER, "Sec-Fetch-Site": "cross-site", "MF-Sec-Fetch-Mode": "navigate" };
  const asked = `/logout?redirect_to=${encodeURIComponent(target)}`;

  it.each([
    ["with a redirect_to", form({ redirect_to: target }), asked, {}],
    ["without one", form({}), "/logout", {}],
    ["with a cookie that cannot be a session's", form({}), "/logout", { Cookie: `${SESSION_COOKIE}=x` }],
  ] as [string, Body, string, Record<string, string>][])(
    "is led to the page that asks, instead of being told a lie: %s",
    async (_what, body, location, cookie) => {
      const headers = { ...NAVIGATION, ...fromElsewhere, ...cookie };
      const answer = await post(undefined, body, headers);
      expect([answer.status, answer.headers.get("Location")]).toEqual([303, location]);
      expect(answer.headers.getSetCookie()).toEqual([]);
    },
  );

  it("and that page, which gets the cookie, ends the login and leads on", async () => {
    const [browser] = await signIn(1);
    const token = browser?.cookies.get(SESSION_COOKIE);
    const led = await post(undefined, form({ redirect_to: target }), { ...NAVIGATION, ...fromElsewhere });
    const page = await browser?.fetch(led.headers.get("Location") ?? "", { headers: NAVIGATION });
    expect(await page?.text()).toContain(`name="redirect_to" value="${target}"`);
    expect(await lives(token)).toBe(true);
    const answer = await post(browser, form({ redirect_to: target }), { ...NAVIGATION, Origin: AUTH });
    expect([answer.status, answer.headers.get("Location"), await lives(token)]).toEqual([302, target, false]);
  });

  it("still ends the login at once when the cookie does come, as from a partition", async () => {
    const [browser] = await signIn(1);
    const token = browser?.cookies.get(SESSION_COOKIE);
    const answer = await post(browser, form({ redirect_to: target }), { ...NAVIGATION, ...fromElsewhere });
    expect([answer.status, answer.headers.get("Location"), await lives(token)]).toEqual([302, target, false]);
  });

  it.each([
    ["a fetch", { "Sec-Fetch-Site": "cross-site", "MF-Sec-Fetch-Mode": "cors" }],
    ["a form of our own page", { "Sec-Fetch-Site": "same-origin", "MF-Sec-Fetch-Mode": "navigate" }],
    ["a form of the same site", { "Sec-Fetch-Site": "same-site", "MF-Sec-Fetch-Mode": "navigate" }],
    ["a program", {}],
  ])("stays idempotent for %s without a session", async (_who, headers) => {
    const [led, told] = [
      await post(undefined, form({ redirect_to: target }), headers),
      await post(undefined, NOTHING, headers),
    ];
    expect([led.status, led.headers.get("Location"), told.status]).toEqual([302, target, 204]);
  });
});

describe("POST /logout of nobody (CWE-400)", () => {
  const unknown = "u".repeat(43);
  it.each([
    ["an invented bearer", { Authorization: `Bearer ${unknown}` }],
    ["an invented cookie", { Cookie: `${SESSION_COOKIE}=${unknown}` }],
    ["a bearer that cannot be one", { Authorization: "Bearer x" }],
    ["a cookie that cannot be one", { Cookie: `${SESSION_COOKIE}=x` }],
    ["nothing", {}],
  ] as [string, Record<string, string>][])("with %s leaves everybody's checks in memory", async (_what, headers) => {
    const [browser] = await signIn(1);
    const sources = async () => (await check(worker, { Cookie: browser?.cookieHeader() ?? "" })).source;
    await browser?.session();
    expect(await sources()).toBe("memory");
    for (const body of [NOTHING, json({ everywhere: true })])
      expect((await post(undefined, body, headers)).ok).toBe(true);
    expect(await sources()).toBe("memory");
  });

  it.each([
    ["a bearer", { Authorization: "Bearer x" }],
    ["a cookie", { Cookie: `${SESSION_COOKIE}=x` }],
  ] as [string, Record<string, string>][])(
    "works without D1 for %s that cannot be a session's",
    async (_what, headers) => {
      const down = await withoutTable(worker.db, "user_session", () => post(undefined, NOTHING, headers));
      expect(down.status).toBe(204);
    },
  );
});

describe("POST /logout while D1 is down", () => {
  it.each([
    ["JSON", json({}), {}],
    ["a redirect", form({ redirect_to: `${SHOP}/` }), {}],
    ["a person's form", form({ everywhere: "true" }), NAVIGATION],
  ])("is a 503 that keeps the cookie, since the session lives on: %s", async (_what, body, headers) => {
    const [browser] = await signIn(1);
    const token = browser?.cookies.get(SESSION_COOKIE);
    const down = await withoutTable(worker.db, "user_session", () => post(browser, body, headers));
    expect([down.status, down.headers.get("Location"), down.headers.getSetCookie()]).toEqual([503, null, []]);
    expect(down.headers.get("Retry-After")).toMatch(/^\d+$/);
    expect((await post(browser, NOTHING)).status).toBe(204);
    expect(await lives(token)).toBe(false);
  });
});

describe("GET /logout", () => {
  it("asks, and changes nothing (CWE-352)", async () => {
    const [browser] = await signIn(1);
    const answer = await browser?.fetch("/logout?everywhere=true", { headers: NAVIGATION });
    expect([answer?.status, answer?.headers.getSetCookie()]).toEqual([200, []]);
    expect(await answer?.text()).toContain('<form method="post" action="/logout">');
    expect(await lives(browser?.cookies.get(SESSION_COOKIE))).toBe(true);
  });

  it("hands an allowed redirect_to to its form, and its policy lets the form lead there", async () => {
    const target = `${SHOP}/bye?a=1&b="x"`;
    const answer = await worker.fetch(`/logout?redirect_to=${encodeURIComponent(target)}`);
    expect(await answer.text()).toContain(
      `<input type="hidden" name="redirect_to" value="${SHOP}/bye?a=1&amp;b=%22x%22">`,
    );
    expect(answer.headers.get("Content-Security-Policy")).toContain(`form-action 'self' ${SHOP};`);
    const without = await worker.fetch("/logout");
    expect(without.headers.get("Content-Security-Policy")).toContain("form-action 'self';");
  });

  it.each([
    ["foreign (CWE-601)", "redirect_to=https://evil.test/", "invalid_redirect_to"],
    ["a script", "redirect_to=javascript:alert(1)", "invalid_redirect_to"],
    ["sent twice", `redirect_to=${SHOP}&redirect_to=${SHOP}`, "invalid_request"],
  ])("refuses a redirect_to that is %s", async (_what, query, code) => {
    const answer = await worker.fetch(`/logout?${query}`);
    await expectError(answer, 400, code);
    expect(answer.headers.get("Content-Security-Policy")).not.toContain("evil");
  });
});
