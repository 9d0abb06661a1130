import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NO_EMAIL } from "../simulator/index.ts";
import { newBrowser } from "./support/browser.ts";
import { exchange, loginWithHandoff, newVerifier, sessionCookie, whoIs } from "./support/handoff.ts";
import { AUTH, PARTNER, SHOP, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
beforeEach(() => worker.clearLogs());
afterAll(() => worker.close());

const INVALID_GRANT = { error: "invalid_grant", error_description: expect.any(String) };

describe("a login with a hand-off", () => {
  it("brings code, state and iss before the fragment, and leaves the front end's own query alone", async () => {
    const browser = newBrowser(worker);
    const { target } = await loginWithHandoff(browser, { redirectTo: `${PARTNER}/in?coupon=A%20B+c#/cart?x=1` });
    expect(target.href).toMatch(
      /^https:\/\/www\.partner\.test\/in\?coupon=A%20B\+c&code=[\w-]{43}&state=front-end-state&iss=https%3A%2F%2Fauth\.shop\.test#\/cart\?x=1$/,
    );
  });

  it("keeps only the hash of the code", async () => {
    const { code } = await loginWithHandoff(newBrowser(worker));
    const { results } = await worker.db.prepare("SELECT * FROM handoff_code").all();
    expect(results.length).toBeGreaterThan(0);
    expect(JSON.stringify(results)).not.toContain(code);
    expect(worker.logText()).not.toContain(code);
  });

  it("brings an error with the front end's state and no code when the person cancels", async () => {
    const browser = newBrowser(worker);
    const { challenge } = newVerifier();
    const query = {
      redirect_to: `${PARTNER}/in`,
      code_challenge: challenge,
      code_challenge_method: "S256",
      state: "s1",
    };
    const answer = await browser.login({ person: NO_EMAIL, cancel: true, query });
    const target = new URL(answer.headers.get("Location") ?? "");
    expect(target.searchParams.get("error")).toBe("access_denied");
    expect(target.searchParams.get("state")).toBe("s1");
    expect(target.searchParams.has("code")).toBe(false);
  });
});

describe("the exchange", () => {
  it("sets a partitioned cookie for a page on another site, and shows who is signed in", async () => {
    const { code, verifier } = await loginWithHandoff(newBrowser(worker));
    const answer = await exchange(worker, { code, code_verifier: verifier });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe(PARTNER);
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-session=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=None; Partitioned$/,
      ),
    ]);
    const body = await answer.json();
    expect(body).toEqual({
      user: expect.objectContaining({ kakaoId: expect.any(String) }),
      session: expect.any(Object),
    });
    expect(JSON.stringify(body)).not.toContain(sessionCookie(answer));
  });

  it("sets a plain Lax cookie for a page of the same site", async () => {
    const { code, verifier } = await loginWithHandoff(newBrowser(worker), { redirectTo: `${SHOP}/in` });
    const headers = { Origin: SHOP, "Sec-Fetch-Site": "same-site" };
    const answer = await exchange(worker, { code, code_verifier: verifier }, headers);
    expect(answer.headers.getSetCookie()[0]).toMatch(/; HttpOnly; Secure; SameSite=Lax$/);
  });

  it("answers a bearer with its token and no cookie", async () => {
    const { code, verifier } = await loginWithHandoff(newBrowser(worker));
    const answer = await exchange(worker, { code, code_verifier: verifier, transport: "bearer" });
    expect(answer.headers.getSetCookie()).toEqual([]);
    const { token, session } = (await answer.json()) as { token: string; session: { id: string } };
    expect((await whoIs(worker, token)).session?.id).toBe(session.id);
  });

  it("falls back once from cookie to bearer, and the cookie's session is revoked", async () => {
    const { code, verifier } = await loginWithHandoff(newBrowser(worker));
    const first = await exchange(worker, { code, code_verifier: verifier });
    const second = await exchange(worker, { code, code_verifier: verifier, transport: "bearer" });
    expect(second.status).toBe(200);
    const { token } = (await second.json()) as { token: string };
    expect((await whoIs(worker, sessionCookie(first))).user).toBeNull();
    expect((await whoIs(worker, token)).user).not.toBeNull();

    const third = await exchange(worker, { code, code_verifier: verifier, transport: "bearer" });
    expect(third.status).toBe(400);
    expect(await third.json()).toEqual(INVALID_GRANT);
    expect((await whoIs(worker, token)).user).not.toBeNull();
  });

  it("of twenty at once lets one succeed", async () => {
    const { code, verifier } = await loginWithHandoff(newBrowser(worker));
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => exchange(worker, { code, code_verifier: verifier })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(400)]);
  });
});

describe("a used code changes nothing any more", () => {
  it.each([
    ["the same request again (React StrictMode)", {}, {}],
    ["a wrong verifier", { code_verifier: newVerifier().verifier }, {}],
    ["a wrong verifier as a fall-back", { code_verifier: newVerifier().verifier, transport: "bearer" }, {}],
    ["another origin", {}, { Origin: SHOP, "Sec-Fetch-Site": "same-site" }],
    ["another origin as a fall-back", { transport: "bearer" }, { Origin: SHOP, "Sec-Fetch-Site": "same-site" }],
  ])("%s", async (_, change, headers) => {
    const { code, verifier } = await loginWithHandoff(newBrowser(worker));
    const first = await exchange(worker, { code, code_verifier: verifier });
    const second = await exchange(worker, { code, code_verifier: verifier, ...change }, headers);
    expect(second.status).toBe(400);
    expect(await second.json()).toEqual(INVALID_GRANT);
    expect(second.headers.getSetCookie()).toEqual([]);
    expect((await whoIs(worker, sessionCookie(first))).user).not.toBeNull();
    expect(worker.logs()).toContainEqual(expect.objectContaining({ event: "invalid_grant", result: "refused" }));
  });
});

describe("a guess burns an unused code", () => {
  it.each([
    ["a wrong verifier (RFC 7636 section 4.6)", { code_verifier: newVerifier().verifier }, {}],
    ["a short verifier (RFC 7636 section 4.1)", { code_verifier: "short" }, {}],
    ["an empty verifier", { code_verifier: "" }, {}],
    ["a verifier of 129 characters", { code_verifier: "a".repeat(129) }, {}],
    ["another front end's origin", {}, { Origin: SHOP, "Sec-Fetch-Site": "same-site" }],
  ])("%s", async (_, change, headers) => {
    const { code, verifier } = await loginWithHandoff(newBrowser(worker));
    const guess = await exchange(worker, { code, code_verifier: verifier, ...change }, headers);
    expect(guess.status).toBe(400);
    expect(await guess.json()).toEqual(INVALID_GRANT);
    const late = await exchange(worker, { code, code_verifier: verifier });
    expect(late.status).toBe(400);
    expect(worker.logs()).toContainEqual(expect.objectContaining({ event: "invalid_grant", result: "burned" }));
  });

  it("the challenge itself is no verifier (the plain method, RFC 7636 section 4.2)", async () => {
    const browser = newBrowser(worker);
    const { code } = await loginWithHandoff(browser);
    const { results } = await worker.db.prepare("SELECT challenge FROM handoff_code").all<{ challenge: string }>();
    for (const { challenge } of results) {
      expect((await exchange(worker, { code, code_verifier: challenge })).status).toBe(400);
    }
  });
});

describe("a malformed exchange is refused and burns nothing", () => {
  it.each([
    [
      "no verifier",
      (body: object) => JSON.stringify({ ...body, code_verifier: undefined }),
      {},
      400,
      "invalid_request",
    ],
    ["no code", (body: object) => JSON.stringify({ ...body, code: undefined }), {}, 400, "invalid_request"],
    [
      "an unknown transport",
      (body: object) => JSON.stringify({ ...body, transport: "url" }),
      {},
      400,
      "invalid_request",
    ],
    ["no JSON", () => "{", {}, 400, "invalid_request"],
    ["a list", () => "[]", {}, 400, "invalid_request"],
    [
      "a form (CWE-352)",
      (body: object) => JSON.stringify(body),
      { "Content-Type": "text/plain" },
      400,
      "invalid_request",
    ],
    [
      "a stranger's origin",
      (body: object) => JSON.stringify(body),
      { Origin: "https://evil.example" },
      403,
      "invalid_origin",
    ],
    ["the null origin", (body: object) => JSON.stringify(body), { Origin: "null" }, 403, "invalid_origin"],
    ["the auth host's origin", (body: object) => JSON.stringify(body), { Origin: AUTH }, 403, "invalid_origin"],
  ])("%s", async (_, write, headers, status, error) => {
    const { code, verifier } = await loginWithHandoff(newBrowser(worker));
    const good = { Origin: PARTNER, "Content-Type": "application/json", "Sec-Fetch-Site": "cross-site" };
    const answer = await worker.fetch("/session/exchange", {
      method: "POST",
      headers: { ...good, ...headers },
      body: write({ code, code_verifier: verifier }),
    });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error, error_description: expect.any(String) });
    expect((await exchange(worker, { code, code_verifier: verifier })).status).toBe(200);
  });

  it("without an Origin", async () => {
    const { code, verifier } = await loginWithHandoff(newBrowser(worker));
    const answer = await worker.fetch("/session/exchange", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code, code_verifier: verifier }),
    });
    expect(answer.status).toBe(403);
  });

  it("GET is no exchange", async () => {
    const { code, verifier } = await loginWithHandoff(newBrowser(worker));
    const answer = await worker.fetch(`/session/exchange?code=${code}&code_verifier=${verifier}`);
    expect(answer.status).toBe(405);
    expect(answer.headers.get("Allow")).toBe("POST");
  });

  it("a code of sixty-one seconds ago", async () => {
    const { code, verifier } = await loginWithHandoff(newBrowser(worker));
    await worker.db.prepare("UPDATE handoff_code SET expires_at = expires_at - 61000").run();
    const answer = await exchange(worker, { code, code_verifier: verifier });
    expect(await answer.json()).toEqual(INVALID_GRANT);
  });
});

describe("the sessions of one login are a family", () => {
  const familyOf = async () => {
    const browser = newBrowser(worker);
    const { code, verifier } = await loginWithHandoff(browser);
    const answer = await exchange(worker, { code, code_verifier: verifier, transport: "bearer" });
    const { token } = (await answer.json()) as { token: string };
    return { browser, token, authHost: browser.cookies.get("__Host-session") ?? "" };
  };

  it("listed as one", async () => {
    const { token, authHost } = await familyOf();
    const list = await worker.fetch("/sessions", { headers: { Authorization: `Bearer ${token}` } });
    const { sessions } = (await list.json()) as { sessions: { id: string; current: boolean }[] };
    expect(sessions.filter(({ current }) => current)).toHaveLength(1);
    expect((await whoIs(worker, token)).session?.id).toBe((await whoIs(worker, authHost)).session?.id);
  });

  it("signing out at the front end signs out at the auth host", async () => {
    const { token, authHost } = await familyOf();
    const headers = { Authorization: `Bearer ${token}`, Origin: PARTNER };
    expect((await worker.fetch("/logout", { method: "POST", headers })).status).toBe(204);
    expect((await whoIs(worker, authHost)).user).toBeNull();
  });

  it("signing out at the auth host signs out at the front end, and the code dies with it", async () => {
    const browser = newBrowser(worker);
    const { code, verifier } = await loginWithHandoff(browser);
    await browser.fetch("/logout", { method: "POST", headers: { Origin: AUTH } });
    expect((await exchange(worker, { code, code_verifier: verifier })).status).toBe(400);
  });

  it("has one absolute lifetime", async () => {
    const { token, authHost } = await familyOf();
    const { results } = await worker.db
      .prepare("SELECT DISTINCT absolute_expires FROM user_session WHERE login_id = ?")
      .bind((await whoIs(worker, token)).session?.id ?? "")
      .all();
    expect(results).toHaveLength(1);
    expect((await whoIs(worker, authHost)).user).not.toBeNull();
  });
});
