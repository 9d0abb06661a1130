import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SESSION_COOKIE } from "./support/answers.ts";
import { newBrowser, type TestBrowser } from "./support/browser.ts";
import { changeSession } from "./support/database.ts";
import { exchange, loginWithHandoff } from "./support/handoff.ts";
import { BOOKMARK_COOKIE, bookmarkOf, startReplicated } from "./support/replicas.ts";
import { bookmarkAt } from "./support/replicated-d1.ts";
import { bearer, check, cookies, storeSession } from "./support/sessions.ts";
import { AUTH, PARTNER, SHOP } from "./support/worker.ts";

const LAG = { REVOCATION_LAG_SECONDS: "300" };
const ON = { ...LAG, D1_READ_REPLICAS: "true" };

let isolates: Awaited<ReturnType<typeof startReplicated<"on" | "siblings" | "strict" | "off">>>;
beforeAll(async () => {
  isolates = await startReplicated({
    on: { vars: ON },
    siblings: { vars: { ...ON, COOKIE_DOMAIN: "shop.test" } },
    strict: { vars: { ...ON, REVOCATION_LAG_SECONDS: "0" } },
    off: { vars: LAG },
  });
});
afterAll(() => isolates.close());

const CROSS_SITE = { Origin: PARTNER, "Sec-Fetch-Site": "cross-site", "MF-Sec-Fetch-Mode": "cors" };
const HOME =
  /^__Host-bookmark=[\da-f]{8}-[\da-f]{8}-[\da-f]{8}-[\da-f]{32}; Max-Age=300; Path=\/; HttpOnly; Secure; SameSite=Lax$/;

const bookmarkLine = (response: Response): string | undefined =>
  response.headers.getSetCookie().find((line) => BOOKMARK_COOKIE.test(line));

/** Everything that a person does with a session, with what the answers were. */
const wholeVisit = async (isolate: (typeof isolates)["off"]): Promise<Response[]> => {
  const browser = newBrowser(isolate);
  const { code, verifier, response } = await loginWithHandoff(browser);
  const answers = [response, await exchange(isolate, { code, code_verifier: verifier }, CROSS_SITE)];
  answers.push(await browser.fetch(`/login/kakao?redirect_to=${SHOP}/`));
  answers.push(await browser.fetch("/session"));
  await makeDue(browser);
  browser.cookies.delete("__Host-proof");
  answers.push(await browser.fetch("/session"));
  await makeDue(browser);
  answers.push(await browser.fetch("/sessions"));
  answers.push(await browser.fetch("/logout", { method: "POST", headers: { Origin: AUTH } }));
  return answers;
};

const makeDue = (browser: TestBrowser) =>
  changeSession(isolates.db, browser.cookies.get(SESSION_COOKIE) ?? "", { active_expires: Date.now() - 1 });

describe("the bookmark lies beside the session cookie, in the same place, after", () => {
  it("a callback, and the same callback fired again", async () => {
    const browser = newBrowser(isolates.on);
    const callback = await browser.visitKakao();
    const sent = { Cookie: browser.cookieHeader() };
    const path = callback.href.replace(AUTH, "");
    for (const answer of [await browser.fetch(path), await isolates.on.fetch(path, { headers: sent })]) {
      expect(bookmarkLine(answer)).toMatch(HOME);
    }
  });

  it("a callback, for a whole domain", async () => {
    const line = bookmarkLine(await newBrowser(isolates.siblings).login());
    expect(line).toMatch(/^__Secure-bookmark=[^;]+; Max-Age=300; Domain=shop\.test; Path=\/; .*SameSite=Lax$/);
  });

  it("an exchange on another site, and none with a bearer", async () => {
    for (const transport of ["cookie", "bearer"]) {
      const { code, verifier } = await loginWithHandoff(newBrowser(isolates.on));
      const answer = await exchange(isolates.on, { code, code_verifier: verifier, transport }, CROSS_SITE);
      expect(answer.status).toBe(200);
      if (transport === "bearer") expect(answer.headers.getSetCookie()).toEqual([]);
      else expect(bookmarkLine(answer)).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=None; Partitioned$/);
    }
  });

  it("single sign-on", async () => {
    const browser = newBrowser(isolates.on);
    const first = bookmarkOf(await browser.login());
    const query = { redirect_to: `${PARTNER}/`, code_challenge: "c".repeat(43), code_challenge_method: "S256" };
    const answer = await browser.fetch(`/login/kakao?${new URLSearchParams(query)}`);
    expect(bookmarkLine(answer)).toMatch(HOME);
    expect((bookmarkOf(answer) ?? "") > (first ?? "")).toBe(true);
  });

  it("but not after single sign-on without a code, which writes nothing", async () => {
    const browser = newBrowser(isolates.on);
    await browser.login();
    const answer = await browser.fetch(`/login/kakao?redirect_to=${SHOP}/`);
    expect([answer.status, bookmarkLine(answer)]).toEqual([302, undefined]);
    expect(answer.headers.get("Location")).toBe(`${SHOP}/`);
  });

  it.each(["/session", "/sessions"])("a renewal at %s, and no other answer there", async (path) => {
    const browser = newBrowser(isolates.on);
    await browser.login();
    expect(bookmarkLine(await browser.fetch(path))).toBeUndefined();
    await makeDue(browser);
    browser.cookies.delete("__Host-proof");
    const answer = await browser.fetch(path);
    expect(answer.headers.getSetCookie().some((line) => line.startsWith(`${SESSION_COOKIE}=`))).toBe(true);
    expect(bookmarkLine(answer)).toMatch(HOME);
  });

  it.each([
    ["a stranger's check", {}, "GET"],
    ["a bearer's renewal", "bearer", "GET"],
    ["a HEAD", "cookie", "HEAD"],
  ] as const)("but not after %s", async (_, credential, method) => {
    const session = await storeSession(isolates.db);
    await changeSession(isolates.db, session.token, { active_expires: Date.now() - 1 });
    const headers = credential === "bearer" ? bearer(session) : credential === "cookie" ? cookies(session) : {};
    const answer = await isolates.on.fetch("/session", { method, headers });
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it.each([
    ["at home", { Origin: AUTH }, /SameSite=Lax$/],
    ["in a partition", CROSS_SITE, /SameSite=None; Partitioned$/],
  ])("and a logout clears it with the attributes it was set with: %s", async (_, headers, attributes) => {
    const Cookie = `${cookies(await storeSession(isolates.db)).Cookie}; __Host-bookmark=${bookmarkAt(1)}`;
    const answer = await isolates.on.fetch("/logout", { method: "POST", headers: { ...headers, Cookie } });
    expect(bookmarkLine(answer)).toMatch(/^__Host-bookmark=; Max-Age=0; Path=\/; HttpOnly; Secure; /);
    expect(bookmarkLine(answer)).toMatch(attributes);
  });
});

describe("switched off", () => {
  it.each(["off", "strict"] as const)(
    "no D1 session is opened in a whole visit, and no bookmark set: %s",
    async (name) => {
      await isolates[name].calls();
      const answers = await wholeVisit(isolates[name]);
      expect(answers.map(({ status }) => status)).toEqual([302, 200, 302, 200, 200, 200, 204]);
      expect(
        answers.flatMap((answer) => answer.headers.getSetCookie()).filter((line) => /bookmark/.test(line)),
      ).toEqual([]);
      const calls = await isolates[name].calls();
      expect(calls.length).toBeGreaterThan(7);
      expect(calls.filter(({ at, tiedTo }) => at !== "primary" || tiedTo !== null)).toEqual([]);
    },
  );

  it("a bookmark from before means nothing", async () => {
    const Cookie = `${cookies(await storeSession(isolates.db)).Cookie}; __Host-bookmark=${bookmarkAt(0xffffff)}`;
    await isolates.off.calls();
    expect(await check(isolates.off, { Cookie })).toMatchObject({ status: 200, source: "database" });
    expect(await isolates.off.calls()).toEqual([{ at: "primary", tiedTo: null }]);
  });
});

describe("switched on", () => {
  it("a login takes the round trips that it took before: none at the start, two, one for exchange and sign-on", async () => {
    const browser = newBrowser(isolates.on);
    await isolates.on.calls();
    const callback = await browser.visitKakao();
    expect(await isolates.on.calls()).toEqual([]);
    await browser.fetch(callback.href.replace(AUTH, ""));
    expect(await isolates.on.calls()).toHaveLength(2);
    await browser.fetch(`/login/kakao?redirect_to=${SHOP}/`);
    expect(await isolates.on.calls()).toHaveLength(1);
    const { code, verifier } = await loginWithHandoff(newBrowser(isolates.on));
    await isolates.on.calls();
    await exchange(isolates.on, { code, code_verifier: verifier });
    expect(await isolates.on.calls()).toHaveLength(1);
  });

  it("a whole visit never leaves the primary, but for the checks of /session", async () => {
    await isolates.on.setReplicaFault({ kind: "fails" });
    const answers = await wholeVisit(isolates.on);
    expect(answers.map(({ status }) => status)).toEqual([302, 200, 302, 200, 200, 200, 204]);
    await isolates.on.setReplicaFault({ kind: "none" });
  });
});
