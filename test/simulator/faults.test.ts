import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { createClient, KAPI, KAUTH, readJson } from "./support/client.ts";

const publishedKeys = async ({ kakao }: ReturnType<typeof createClient>) => {
  const response = await kakao.fetch(new Request(`${KAUTH}/.well-known/jwks.json`));
  return createLocalJWKSet((await response.json()) as JSONWebKeySet);
};

describe("how an answer travels", () => {
  it("delay: takes effect at once, answers late", async () => {
    const { kakao, obtainCode, postToken } = createClient();
    const code = await obtainCode();
    kakao.faults.set("token", { kind: "delay", ms: 80 }, 1);
    const start = performance.now();
    const slow = postToken({ code });
    const second = await postToken({ code });
    expect(second.status).toBe(400);
    expect((await slow).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThanOrEqual(75);
  });

  it("hang: no answer and no effect until it is cleared", async () => {
    const { kakao, obtainCode, postToken } = createClient();
    const code = await obtainCode();
    kakao.faults.set("token", { kind: "hang" });
    const hanging = postToken({ code });
    const first = await Promise.race([hanging, new Promise((resolve) => setTimeout(() => resolve("nothing"), 50))]);
    expect(first).toBe("nothing");
    expect(kakao.calls.at(-1)).toMatchObject({ path: "/oauth/token", status: 0 });
    kakao.faults.clear();
    expect((await hanging).status).toBe(503);
    expect((await postToken({ code })).status).toBe(200);
  });

  it("hang: lets go when the caller gives up", async () => {
    const { kakao } = createClient();
    kakao.faults.set("user", { kind: "hang" });
    const signal = AbortSignal.timeout(30);
    await kakao.fetch(new Request(`${KAPI}/v2/user/me`, { signal }));
    expect(signal.aborted).toBe(true);
  });

  it("status: answers so, without effect", async () => {
    const { kakao, obtainCode, postToken } = createClient();
    const code = await obtainCode();
    kakao.faults.set("token", { kind: "status", status: 500, body: "broken" }, 1);
    const response = await postToken({ code });
    expect([response.status, await response.text()]).toEqual([500, "broken"]);
    expect((await postToken({ code })).status).toBe(200);
  });

  it("html: a page where JSON is due", async () => {
    const { kakao, callApi } = createClient();
    kakao.faults.set("user", { kind: "html" });
    const response = await callApi("/v2/user/me", "any");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
    expect(await response.text()).toMatch(/^<!doctype html>/);
  });

  it("redirect: to where it is told", async () => {
    const { kakao, callApi } = createClient();
    kakao.faults.set("user", { kind: "redirect", location: "https://elsewhere.test/" });
    const response = await callApi("/v2/user/me", "any");
    expect([response.status, response.headers.get("location")]).toEqual([302, "https://elsewhere.test/"]);
  });

  it("truncated: the first half of the right body", async () => {
    const { kakao, logIn, callApi } = createClient();
    const { access_token } = await logIn();
    const whole = await (await callApi("/v2/user/me", access_token)).text();
    kakao.faults.set("user", { kind: "truncated" }, 1);
    const half = await (await callApi("/v2/user/me", access_token)).text();
    expect(half).toBe(whole.slice(0, Math.floor(whole.length / 2)));
    expect(() => JSON.parse(half)).toThrow(SyntaxError);
  });

  it("oversized: a right body of 16 MiB, sent only as far as it is read", async () => {
    const { kakao, logIn, callApi } = createClient();
    const { access_token } = await logIn();
    kakao.faults.set("user", { kind: "oversized" });
    const text = await (await callApi("/v2/user/me", access_token)).text();
    expect(text.length).toBeGreaterThan(16 * 1024 * 1024);
    expect(JSON.parse(text)).toMatchObject({ id: 2604117385 });
    const reader = (await callApi("/v2/user/me", access_token)).body?.getReader();
    await reader?.read();
    await reader?.cancel();
  });

  it("kakao_error: one of Kakao's own errors", async () => {
    const { kakao, callApi, postToken } = createClient();
    const ipMismatch = { msg: "ip mismatched! callerIp=203.0.113.9. check out registered ips.", code: -401 };
    kakao.faults.set("user", { kind: "kakao_error", status: 401, body: ipMismatch });
    const refused = await callApi("/v2/user/me", "any");
    expect(refused.headers.get("www-authenticate")).toBe("Bearer error=invalid_token");
    expect(await readJson(refused, 401)).toEqual(ipMismatch);
    const quota = { error: "invalid_request", error_description: "x", error_code: "KOE237" };
    kakao.faults.set("token", { kind: "kakao_error", status: 400, body: quota });
    expect(await readJson(await postToken(), 400)).toEqual(quota);
  });
});

describe("what an answer says", () => {
  it("claims: signs what it is told, null leaves a claim out", async () => {
    const client = createClient();
    client.kakao.faults.set("token", { kind: "claims", claims: { aud: "another", email: null } });
    const { id_token = "" } = await client.logIn();
    const { payload } = await jwtVerify(id_token, await publishedKeys(client));
    expect(payload).toMatchObject({ aud: "another", nickname: "서윤" });
    expect(payload).not.toHaveProperty("email");
  });

  it.each(["none", "HS256", "RS512", "PS256"])("claims: the header says alg %s", async (alg) => {
    const client = createClient();
    client.kakao.faults.set("token", { kind: "claims", claims: {}, header: { alg } });
    const { id_token = "" } = await client.logIn();
    expect(decodeProtectedHeader(id_token)).toMatchObject({ alg, typ: "JWT" });
    expect(decodeJwt(id_token)).toMatchObject({ iss: KAUTH });
    expect(id_token.endsWith(".")).toBe(alg === "none");
  });

  it("wrong_signature at the token endpoint: the id names a key that did not sign", async () => {
    const client = createClient();
    client.kakao.faults.set("token", { kind: "wrong_signature" }, 1);
    const keys = await publishedKeys(client);
    await expect(jwtVerify((await client.logIn()).id_token ?? "", keys)).rejects.toThrow("signature");
    await expect(jwtVerify((await client.logIn()).id_token ?? "", keys)).resolves.toBeDefined();
  });

  it("wrong_signature at the key set: other keys under the same ids", async () => {
    const client = createClient();
    const { id_token = "" } = await client.logIn();
    client.kakao.faults.set("jwks", { kind: "wrong_signature" }, 1);
    await expect(jwtVerify(id_token, await publishedKeys(client))).rejects.toThrow("signature");
    await expect(jwtVerify(id_token, await publishedKeys(client))).resolves.toBeDefined();
  });
});

describe("the switchboard", () => {
  it("counts requests, touches one endpoint only, and is cleared as a whole", async () => {
    const { kakao, callApi, postToken } = createClient();
    kakao.faults.set("user", { kind: "status", status: 502 }, 2);
    kakao.faults.set("token", { kind: "status", status: 503 });
    const user = async () => (await callApi("/v2/user/me", "made-up-token")).status;
    expect([await user(), await user(), await user()]).toEqual([502, 502, 401]);
    expect((await callApi("/v1/user/access_token_info", "a".repeat(30))).status).toBe(401);
    expect((await postToken()).status).toBe(503);
    kakao.faults.clear();
    expect((await postToken()).status).toBe(400);
  });

  const post = (body: unknown, headers: Record<string, string> = {}) =>
    new Request(`${KAUTH}/simulator/faults`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });

  it("is thrown over HTTP, and back", async () => {
    const { kakao, callApi } = createClient();
    const setting = { endpoint: "user", fault: { kind: "status", status: 502 }, times: 5 };
    expect((await kakao.fetch(post(setting))).status).toBe(204);
    expect((await callApi("/v2/user/me", "any")).status).toBe(502);
    const page = await (await kakao.fetch(new Request(`${KAUTH}/simulator`))).text();
    expect(page).toContain(
      "user: {&quot;kind&quot;:&quot;status&quot;,&quot;status&quot;:502} (4번)".replace(" (", "</code> ("),
    );
    await kakao.fetch(new Request(`${KAUTH}/simulator/faults`, { method: "DELETE" }));
    expect((await callApi("/v2/user/me", "any")).status).toBe(401);
  });

  it("is thrown by the page's form without JavaScript", async () => {
    const { kakao, postToken } = createClient();
    const form = (path: string, fields: Record<string, string>) =>
      new Request(`${KAUTH}/simulator/${path}`, { method: "POST", body: new URLSearchParams(fields) });
    const response = await kakao.fetch(form("faults", { ready: "token-500", once: "true" }));
    expect([response.status, response.headers.get("location")]).toEqual([303, "/simulator"]);
    expect([(await postToken()).status, (await postToken()).status]).toEqual([500, 400]);
    await kakao.fetch(form("faults", { ready: "token-500" }));
    await kakao.fetch(form("faults/clear", {}));
    expect((await postToken()).status).toBe(400);
  });

  it.each([
    ["no object", []],
    ["an unknown endpoint", { endpoint: "other", fault: { kind: "html" } }],
    ["no fault", { endpoint: "user" }],
    ["an unknown kind", { endpoint: "user", fault: { kind: "explode" } }],
    ["a delay without ms", { endpoint: "user", fault: { kind: "delay" } }],
    ["a status out of range", { endpoint: "user", fault: { kind: "status", status: 99 } }],
    ["zero times", { endpoint: "user", fault: { kind: "html" }, times: 0 }],
    ["claims that are no object", { endpoint: "token", fault: { kind: "claims", claims: [] } }],
  ])("says what is wrong with %s", async (_, body) => {
    const { kakao, callApi } = createClient();
    expect(await readJson(await kakao.fetch(post(body)), 400)).toEqual({ error: expect.any(String) });
    expect((await callApi("/v2/user/me", "any")).status).toBe(401);
  });

  it("CWE-352: does not move for another site's page", async () => {
    const { kakao, callApi } = createClient();
    const setting = { endpoint: "user", fault: { kind: "html" } };
    expect((await kakao.fetch(post(setting, { "sec-fetch-site": "cross-site" }))).status).toBe(403);
    expect((await callApi("/v2/user/me", "any")).status).toBe(401);
  });
});
