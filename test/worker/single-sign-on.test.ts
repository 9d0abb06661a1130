import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newBrowser } from "./support/browser.ts";
import { exchange, newVerifier } from "./support/handoff.ts";
import { PARTNER, SHOP, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
beforeEach(() => {
  worker.kakao.calls.length = 0;
});
afterAll(() => worker.close());

const signedIn = async () => {
  const browser = newBrowser(worker);
  await browser.login();
  worker.kakao.calls.length = 0;
  return browser;
};

const follow = async (browser: ReturnType<typeof newBrowser>, query: Record<string, string>) => {
  const response = await browser.fetch(`/login/kakao?${new URLSearchParams(query)}`);
  return { response, location: new URL(response.headers.get("Location") ?? "about:blank") };
};

describe("a browser with a live session", () => {
  it("comes straight back to a second front end, without Kakao", async () => {
    const { response, location } = await follow(await signedIn(), { redirect_to: `${PARTNER}/` });
    expect(response.status).toBe(302);
    expect(location.href).toBe(`${PARTNER}/`);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(worker.kakao.calls).toEqual([]);
  });

  it("brings a code when asked for one, and it is good for a session of the same login", async () => {
    const browser = await signedIn();
    const { verifier, challenge } = newVerifier();
    const query = { redirect_to: `${PARTNER}/`, code_challenge: challenge, code_challenge_method: "S256", state: "s" };
    const { location } = await follow(browser, query);
    const { code, state, iss } = Object.fromEntries(location.searchParams);
    expect({ state, iss }).toEqual({ state: "s", iss: "https://auth.shop.test" });
    const answer = await exchange(worker, { code: code ?? "", code_verifier: verifier });
    expect(answer.status).toBe(200);
    const here = (await (await browser.fetch("/session")).json()) as { session: { id: string } };
    expect(((await answer.json()) as typeof here).session.id).toBe(here.session.id);
  });

  it("prompt=none comes straight back as well", async () => {
    const { location } = await follow(await signedIn(), { redirect_to: `${SHOP}/`, prompt: "none" });
    expect(location.href).toBe(`${SHOP}/`);
  });

  it.each([
    ["prompt=login", { prompt: "login" }],
    ["prompt=select_account", { prompt: "select_account" }],
    ["prompt=create", { prompt: "create" }],
    ["further consent", { scope: "account_email" }],
    ["further consent, silently", { scope: "account_email", prompt: "none" }],
    ["service terms", { service_terms: "terms_2026" }],
  ])("goes to Kakao all the same for %s", async (_, query) => {
    const { location } = await follow(await signedIn(), { redirect_to: `${SHOP}/`, ...query });
    expect(location.origin).toBe("https://kauth.kakao.com");
  });

  it("renews an idle session on the way", async () => {
    const browser = await signedIn();
    await worker.db.prepare("UPDATE user_session SET active_expires = 1").run();
    const { response, location } = await follow(browser, { redirect_to: `${SHOP}/` });
    expect(location.href).toBe(`${SHOP}/`);
    expect(response.headers.getSetCookie()[0]).toMatch(/^__Host-session=/);
  });

  it("is not asked to log in when the database is down: 503, and the cookie stays", async () => {
    const browser = await signedIn();
    await worker.db.exec("ALTER TABLE user_session RENAME TO user_session_away");
    const { response } = await follow(browser, { redirect_to: `${SHOP}/` });
    await worker.db.exec("ALTER TABLE user_session_away RENAME TO user_session");
    expect(response.status).toBe(503);
    expect(response.headers.get("Retry-After")).toMatch(/^\d+$/);
    expect(response.headers.getSetCookie()).toEqual([]);
  });
});

describe("a browser without a live session", () => {
  it.each(["no cookie", "a dead cookie"])("goes to Kakao with %s", async (kind) => {
    const browser = newBrowser(worker);
    if (kind === "a dead cookie") browser.cookies.set("__Host-session", "d".repeat(43));
    const { location } = await follow(browser, { redirect_to: `${SHOP}/` });
    expect(location.origin).toBe("https://kauth.kakao.com");
  });

  it("prompt=none asks Kakao silently, and its refusal comes back as an error", async () => {
    const browser = newBrowser(worker);
    const query = { redirect_to: `${SHOP}/`, prompt: "none", state: "s" };
    const answer = await browser.login({ query });
    const location = new URL(answer.headers.get("Location") ?? "");
    expect(location.origin).toBe(SHOP);
    expect(location.searchParams.get("error")).toBe("login_required");
    expect(location.searchParams.get("state")).toBe("s");
  });

  it("session_only keeps prompt=none from asking Kakao, so that a reload does not undo a logout (CWE-613)", async () => {
    const query = { redirect_to: `${SHOP}/`, prompt: "none", session_only: "true", state: "s" };
    const { location } = await follow(newBrowser(worker), query);
    expect(location.origin).toBe(SHOP);
    expect(Object.fromEntries(location.searchParams)).toMatchObject({ error: "login_required", state: "s" });
    const there = await follow(await signedIn(), query);
    expect(there.location.href).toBe(`${SHOP}/`);
  });

  it("session_only makes no sense where a page may be shown", async () => {
    const { response } = await follow(newBrowser(worker), { redirect_to: `${SHOP}/`, session_only: "true" });
    expect(response.status).toBe(400);
  });
});
