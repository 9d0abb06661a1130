import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newBrowser } from "./support/browser.ts";
import { exchange, loginWithHandoff } from "./support/handoff.ts";
import { type Isolates, startIsolates } from "./support/isolates.ts";
import { bearer, check, cookies, storeSession } from "./support/sessions.ts";
import { AUTH, PARTNER, SHOP } from "./support/worker.ts";

const CALM = { REVOCATION_LAG_SECONDS: "120" };

let isolates: Isolates<"here" | "there" | "siblings" | "strict">;
beforeAll(async () => {
  isolates = await startIsolates({
    here: { vars: CALM },
    there: { vars: CALM },
    siblings: { vars: { ...CALM, COOKIE_DOMAIN: "shop.test" } },
    strict: { vars: { REVOCATION_LAG_SECONDS: "0" } },
  });
});
afterAll(() => isolates.close());

const CROSS_SITE = { Origin: PARTNER, "Sec-Fetch-Site": "cross-site", "MF-Sec-Fetch-Mode": "cors" };

describe("the proof cookie lies where its session cookie does", () => {
  it.each([
    ["for the auth host itself", {}, "HttpOnly; Secure; SameSite=Lax"],
    ["for a page of the same site", { Origin: SHOP, "Sec-Fetch-Site": "same-site" }, "HttpOnly; Secure; SameSite=Lax"],
    ["in the partition of a page on another site", CROSS_SITE, "HttpOnly; Secure; SameSite=None; Partitioned"],
    [
      "for a navigation from another site",
      { "Sec-Fetch-Site": "cross-site", "MF-Sec-Fetch-Mode": "navigate" },
      "HttpOnly; Secure; SameSite=Lax",
    ],
  ])("%s", async (_, headers, attributes) => {
    const session = await storeSession(isolates.db);
    const { response } = await check(isolates.here, { ...headers, ...cookies(session) });
    const lines = response.headers.getSetCookie();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^__Host-proof=[\w-]+\.[\w-]{43}; Max-Age=300; Path=\/; /);
    expect(lines[0]?.endsWith(`Path=/; ${attributes}`)).toBe(true);
  });

  it("for a whole domain, when the session cookie is set for one, and the host's own name counts for nothing", async () => {
    const session = await storeSession(isolates.db);
    const { response, proof } = await check(isolates.siblings, { Cookie: `__Secure-session=${session.token}` });
    const lines = response.headers.getSetCookie();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^__Secure-proof=/);
    expect(lines[0]).toContain("; Domain=shop.test; ");
    expect(lines[0]).toContain("; SameSite=Lax");
    const planted = `__Secure-session=${session.token}; __Host-proof=${proof}`;
    expect((await check(isolates.siblings, { Cookie: planted })).userId).toBe(session.userId);
  });

  it("and works from a partition: exchange, check, check elsewhere", async () => {
    const { code, verifier } = await loginWithHandoff(newBrowser(isolates.here));
    const exchanged = await exchange(isolates.here, { code, code_verifier: verifier }, CROSS_SITE);
    const [session = ""] = (exchanged.headers.getSetCookie()[0] ?? "").split(";");
    const { proof } = await check(isolates.here, { ...CROSS_SITE, Cookie: session });
    const seen = await check(isolates.there, { ...CROSS_SITE, Cookie: `${session}; __Host-proof=${proof}` });
    expect(seen).toMatchObject({ status: 200, proof: null });
    const again = await check(isolates.there, { ...CROSS_SITE, Cookie: `${session}; __Host-proof=${proof}` });
    expect(again.source).toBe("memory");
    expect(seen.response.headers.get("Access-Control-Allow-Origin")).toBe(PARTNER);
  });
});

describe("at most one fresh proof a lifetime", () => {
  it("for a browser that two isolates answer in turn", async () => {
    const browser = newBrowser(isolates.here);
    const session = await storeSession(isolates.db);
    browser.cookies.set("__Host-session", session.token);
    let handedOut = 0;
    for (let turn = 0; turn < 20; turn += 1) {
      const isolate = turn % 2 === 0 ? isolates.here : isolates.there;
      const { response, proof } = await check(isolate, { Cookie: browser.cookieHeader() });
      expect(((await response.json()) as { user: { id: string } }).user.id).toBe(session.userId);
      if (proof === null) continue;
      browser.cookies.set("__Host-proof", proof);
      handedOut += 1;
    }
    expect(handedOut).toBe(1);
  });

  it("for a user who logs in the ordinary way, and none before anybody asks", async () => {
    const browser = newBrowser(isolates.here);
    const answer = await browser.login();
    expect(answer.headers.getSetCookie().some((line) => line.includes("proof"))).toBe(false);
    const first = await browser.fetch("/session");
    expect(first.headers.getSetCookie()).toHaveLength(1);
    expect((await browser.fetch("/session")).headers.getSetCookie()).toEqual([]);
  });

  it("never for a bearer, a stranger, a dead session, or a HEAD", async () => {
    const session = await storeSession(isolates.db);
    for (const headers of [bearer(session), {}, cookies({ token: "d".repeat(43) })]) {
      expect((await check(isolates.here, headers)).response.headers.getSetCookie()).toEqual([]);
    }
    for (const path of ["/session", "/session/verify"]) {
      const other = await storeSession(isolates.db);
      const head = await isolates.here.fetch(path, { method: "HEAD", headers: cookies(other) });
      expect([head.status < 300, head.headers.getSetCookie()]).toEqual([true, []]);
    }
  });

  it("and /session/verify hands out one as well, since a proxy may be all that a browser meets", async () => {
    const session = await storeSession(isolates.db);
    const first = await isolates.here.fetch("/session/verify", { headers: cookies(session) });
    expect(first.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-proof=/)]);
    const proof = /^__Host-proof=([^;]+)/.exec(first.headers.getSetCookie()[0] ?? "")?.[1] ?? "";
    const second = await isolates.here.fetch("/session/verify", { headers: cookies(session, proof) });
    expect(second.headers.getSetCookie()).toEqual([]);
  });
});

describe("a HEAD", () => {
  it("renews nothing: the row stays as it is", async () => {
    const session = await storeSession(isolates.db);
    const read = () =>
      isolates.db.prepare("SELECT * FROM user_session WHERE login_id = ?").bind(session.loginId).first();
    await isolates.db
      .prepare("UPDATE user_session SET active_expires = 1, last_seen_at = 1 WHERE login_id = ?")
      .bind(session.loginId)
      .run();
    const before = await read();
    expect((await isolates.here.fetch("/session/verify", { method: "HEAD", headers: cookies(session) })).status).toBe(
      204,
    );
    expect(await read()).toEqual(before);
  });
});

describe("a logout", () => {
  it.each([
    ["at home", { Origin: AUTH }, /SameSite=Lax$/],
    ["in a partition", CROSS_SITE, /SameSite=None; Partitioned$/],
  ])("clears the proof with the attributes it was set with: %s", async (_, headers, attributes) => {
    const session = await storeSession(isolates.db);
    const { proof } = await check(isolates.here, { ...headers, ...cookies(session) });
    const answer = await isolates.here.fetch("/logout", {
      method: "POST",
      headers: { ...headers, ...cookies(session, proof) },
    });
    const cleared = answer.headers.getSetCookie().find((line) => line.startsWith("__Host-proof="));
    expect(cleared).toMatch(/^__Host-proof=; Max-Age=0; Path=\/; HttpOnly; Secure; /);
    expect(cleared).toMatch(attributes);
  });
});

describe("REVOCATION_LAG_SECONDS=0", () => {
  it("reads D1 in every check and makes no proof", async () => {
    const session = await storeSession(isolates.db);
    for (let turn = 0; turn < 5; turn += 1) {
      await isolates.strict.usage();
      const seen = await check(isolates.strict, cookies(session));
      expect(seen).toMatchObject({ source: "database", userId: session.userId, proof: null });
      expect((await isolates.strict.usage()).trips).toBe(1);
    }
  });

  it("believes no proof, a good one from another isolate neither", async () => {
    const session = await storeSession(isolates.db);
    const { proof } = await check(isolates.here, cookies(session));
    expect((await check(isolates.strict, cookies(session, proof))).source).toBe("database");
    await isolates.db.prepare("DELETE FROM user_session WHERE login_id = ?").bind(session.loginId).run();
    expect((await check(isolates.strict, cookies(session, proof))).userId).toBeNull();
    expect((await check(isolates.strict, bearer(session))).userId).toBeNull();
  });
});
