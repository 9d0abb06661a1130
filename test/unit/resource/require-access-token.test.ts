import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Hono } from "hono";
import { base64url, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { requireAccessToken } from "../../../src/resource/index.ts";

const ISSUER = "https://auth.shop.test";
const API = "https://api.shop.test";

const ours = await generateKeyPair("ES256", { extractable: true });
const theirs = await generateKeyPair("ES256");
const publicKey = { ...(await exportJWK(ours.publicKey)), kid: "k1", alg: "ES256", use: "sig" };

const keySet = () => Response.json({ keys: [publicKey] });

/** What the API's own requests meet; jose asks for the keys with the global fetch. */
let answerKeys: () => Response | Promise<Response>;
let keyRequests: string[];

beforeEach(() => {
  answerKeys = keySet;
  keyRequests = [];
  vi.stubGlobal("fetch", async (input: string | URL | Request) => {
    keyRequests.push(String(input instanceof Request ? input.url : input));
    return answerKeys();
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const newApi = () => {
  const api = new Hono<{ Variables: { accessToken: unknown } }>();
  api.use("/api/*", requireAccessToken({ issuer: ISSUER, audience: API }));
  api.get("/api/me", (c) => c.json(c.get("accessToken")));
  api.get("/open", (c) => c.text("open"));
  return (authorization?: string) =>
    api.request("/api/me", { headers: authorization === undefined ? {} : { Authorization: authorization } });
};

const now = () => Math.floor(Date.now() / 1000);

type Change = { claims?: JWTPayload; header?: Record<string, unknown>; key?: CryptoKey };

const sign = ({ claims = {}, header = {}, key = ours.privateKey }: Change = {}): Promise<string> =>
  new SignJWT({ iss: ISSUER, aud: API, sub: "u1", sid: "s1", iat: now(), exp: now() + 300, ...claims })
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: "k1", ...header })
    .sign(key);

const withoutClaim = (name: string) => sign({ claims: { [name]: undefined } });

const unsigned = (header: object, signature = "") => {
  const part = (value: object) => base64url.encode(JSON.stringify(value));
  const claims = { iss: ISSUER, aud: API, sub: "u1", sid: "s1", iat: now(), exp: now() + 300 };
  return `${part(header)}.${part(claims)}.${signature}`;
};

/** RFC 8725 section 2.1: the public key, which everybody has, taken for a shared secret. */
const signedWithPublicKey = () => {
  const token = unsigned({ alg: "HS256", typ: "at+jwt", kid: "k1" });
  const text = token.slice(0, -1);
  return `${text}.${createHmac("sha256", JSON.stringify(publicKey)).update(text).digest("base64url")}`;
};

describe("a good token", () => {
  test("lets the request through, with user, login and end", async () => {
    const token = await sign({ claims: { exp: 4_000_000_000 } });
    const answer = await newApi()(`Bearer ${token}`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ userId: "u1", sessionId: "s1", expiresAt: "2096-10-02T07:06:40.000Z" });
  });

  test.each(["bearer", "BEARER"])("counts in any case of the scheme (RFC 9110 section 11.1): %s", async (scheme) => {
    expect((await newApi()(`${scheme} ${await sign()}`)).status).toBe(200);
  });

  test("is verified offline: one request for the keys in a hundred", async () => {
    const call = newApi();
    for (let turn = 0; turn < 100; turn += 1) expect((await call(`Bearer ${await sign()}`)).status).toBe(200);
    expect(keyRequests).toEqual([`${ISSUER}/.well-known/jwks.json`]);
  });

  test("asks for the keys again when a new one signs, after a while", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const call = newApi();
    expect((await call(`Bearer ${await sign()}`)).status).toBe(200);
    const next = await generateKeyPair("ES256", { extractable: true });
    const nextKey = { ...(await exportJWK(next.publicKey)), kid: "k2", alg: "ES256", use: "sig" };
    answerKeys = () => Response.json({ keys: [nextKey, publicKey] });
    vi.setSystemTime(Date.now() + 60_000);
    expect((await call(`Bearer ${await sign({ header: { kid: "k2" }, key: next.privateKey })}`)).status).toBe(200);
    expect((await call(`Bearer ${await sign()}`)).status).toBe(200);
    expect(keyRequests).toHaveLength(2);
  });
});

describe("a bad token is a 401 with a challenge (RFC 6750 section 3), and the API is not reached", () => {
  test.each<[string, () => string | Promise<string>]>([
    ["alg none (RFC 8725 section 2.1)", () => unsigned({ alg: "none", typ: "at+jwt", kid: "k1" })],
    ["alg none with a signature", () => unsigned({ alg: "none", typ: "at+jwt", kid: "k1" }, "AAAA")],
    ["HS256 with the public key as its secret", signedWithPublicKey],
    ["no alg", () => unsigned({ typ: "at+jwt", kid: "k1" }, "AAAA")],
    ["another issuer", () => sign({ claims: { iss: "https://auth.evil.test" } })],
    ["no issuer", () => withoutClaim("iss")],
    ["another audience", () => sign({ claims: { aud: "https://reports.shop.test" } })],
    ["a list of other audiences", () => sign({ claims: { aud: ["a", "b"] } })],
    ["no audience", () => withoutClaim("aud")],
    ["typ JWT, as an id_token has (RFC 9068 section 2.1)", () => sign({ header: { typ: "JWT" } })],
    ["no typ", () => sign({ header: { typ: undefined } })],
    ["expired", () => sign({ claims: { exp: now() - 1 } })],
    ["no end", () => withoutClaim("exp")],
    ["an end that is a text", () => sign({ claims: { exp: "never" as unknown as number } })],
    ["not yet valid", () => sign({ claims: { nbf: now() + 600 } })],
    ["no user", () => withoutClaim("sub")],
    ["a user that is a number", () => sign({ claims: { sub: 1 as unknown as string } })],
    ["no login", () => withoutClaim("sid")],
    ["a login that is a list", () => sign({ claims: { sid: ["s1"] } })],
    ["another key's signature", () => sign({ key: theirs.privateKey })],
    ["a key nobody knows", () => sign({ header: { kid: "k9" }, key: theirs.privateKey })],
    [
      "a key of its own in the header",
      async () => sign({ header: { kid: "k9", jwk: await exportJWK(theirs.publicKey) }, key: theirs.privateKey }),
    ],
    [
      "keys at an address of its own",
      () => sign({ header: { kid: "k9", jku: "https://evil.test/jwks" }, key: theirs.privateKey }),
    ],
    [
      "a critical extension that nobody knows",
      () => unsigned({ alg: "ES256", typ: "at+jwt", kid: "k1", crit: ["x"], x: 1 }, "AAAA"),
    ],
    ["its signature cut off", async () => (await sign()).split(".").slice(0, 2).join(".")],
    ["an empty signature", async () => `${(await sign()).split(".").slice(0, 2).join(".")}.`],
    ["words", () => "let-me-in"],
    ["five parts", async () => `${await sign()}.a.b`],
    ["a session token", () => "t".repeat(43)],
  ])("%s", async (_, make) => {
    const answer = await newApi()(`Bearer ${await make()}`);
    expect([answer.status, await answer.json()]).toEqual([401, { error: "invalid_token" }]);
    expect(answer.headers.get("WWW-Authenticate")).toBe('Bearer error="invalid_token"');
    expect(keyRequests.every((url) => url === `${ISSUER}/.well-known/jwks.json`)).toBe(true);
  });

  test.each([undefined, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer a b"])("none: %j", async (header) => {
    const answer = await newApi()(header);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("WWW-Authenticate")).toBe("Bearer");
    expect(keyRequests).toEqual([]);
  });

  test("any text at all", async () => {
    const call = newApi();
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[!-~]{1,80}$/), async (text) => {
        expect((await call(`Bearer ${text}`)).status).toBe(401);
      }),
      { numRuns: 200 },
    );
  });

  test("a good one with any one character changed", async () => {
    const call = newApi();
    const token = await sign();
    // The last character of a signature carries bits that base64url ignores.
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: token.length - 2 }),
        fc.constantFrom(..."AZaz09-_."),
        async (at, character) => {
          fc.pre(token[at] !== character);
          expect((await call(`Bearer ${token.slice(0, at)}${character}${token.slice(at + 1)}`)).status).toBe(401);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("while the auth host's keys cannot be had nothing is known about a token: 503, not 401", () => {
  test.each<[string, () => Response | Promise<Response>]>([
    ["no connection", () => Promise.reject(new TypeError("fetch failed"))],
    ["503", () => new Response("{}", { status: 503 })],
    ["404", () => new Response("{}", { status: 404 })],
    ["a page instead of JSON", () => new Response("<html>", { headers: { "Content-Type": "text/html" } })],
    ["JSON that is no key set", () => Response.json({ error: "temporarily_unavailable" })],
    ["JSON null", () => Response.json(null)],
    ["a redirect", () => new Response(null, { status: 302, headers: { Location: "https://evil.test/" } })],
  ])("%s", async (_, answer) => {
    answerKeys = answer;
    const response = await newApi()(`Bearer ${await sign()}`);
    expect([response.status, await response.json()]).toEqual([503, { error: "temporarily_unavailable" }]);
    expect(response.headers.get("Retry-After")).toMatch(/^\d+$/);
  });

  test("and recovers when they are back", async () => {
    const call = newApi();
    const token = await sign();
    answerKeys = () => new Response("", { status: 503 });
    expect((await call(`Bearer ${token}`)).status).toBe(503);
    answerKeys = keySet;
    expect((await call(`Bearer ${token}`)).status).toBe(200);
  });

  test("but keys that are at hand go on verifying through an outage", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const call = newApi();
    expect((await call(`Bearer ${await sign()}`)).status).toBe(200);
    answerKeys = () => Promise.reject(new TypeError("fetch failed"));
    vi.setSystemTime(Date.now() + 5 * 60_000);
    expect((await call(`Bearer ${await sign()}`)).status).toBe(200);
  });
});
