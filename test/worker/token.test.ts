import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeyring } from "../../src/lib/keyring.ts";
import { open } from "../../src/lib/seal.ts";
import { expectError } from "./support/answers.ts";
import { dumpDatabase } from "./support/database.ts";
import { type Isolate, type Isolates, startIsolates } from "./support/isolates.ts";
import { bearer, check, cookies, type StoredSession, storeSession } from "./support/sessions.ts";
import { AUTH, PARTNER, SECRETS, SHOP } from "./support/worker.ts";

const API = "https://api.shop.test";
const NEW_KEY = Buffer.alloc(32, "k2").toString("base64url");

const THIRD_KEY = Buffer.alloc(32, "k3").toString("base64url");

let isolates: Isolates<"a" | "b" | "other" | "fresh" | "rekeyed" | "newborn" | "scheduled">;
beforeAll(async () => {
  const vars = { TOKEN_AUDIENCES: `${API} urn:shop:reports` };
  isolates = await startIsolates({
    a: { vars },
    b: { vars },
    other: { vars },
    fresh: { vars },
    rekeyed: { vars, secrets: { AUTH_SECRET: NEW_KEY } },
    newborn: { vars },
    scheduled: { vars, secrets: { AUTH_SECRET: THIRD_KEY } },
  });
});
afterAll(() => isolates.close());

type Ask = { audience?: unknown; headers?: Record<string, string>; body?: string; isolate?: Isolate };

const ask = (session: StoredSession | null, { audience, headers, body, isolate }: Ask = {}): Promise<Response> =>
  (isolate ?? isolates.a).fetch("/session/token", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(session && bearer(session)), ...headers },
    body: body ?? JSON.stringify(audience === undefined ? {} : { audience }),
  });

type Token = { access_token: string; token_type: string; expires_in: number };

const tokenFor = async (session: StoredSession, options: Ask = { audience: API }): Promise<Token> => {
  const answer = await ask(session, options);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Token;
};

const publishedKeys = async (isolate: Isolate = isolates.a) => {
  const answer = await isolate.fetch("/.well-known/jwks.json");
  expect(answer.status).toBe(200);
  return (await answer.json()) as { keys: Record<string, string>[] };
};

const verify = async (token: string, audience = API) =>
  jwtVerify(token, createLocalJWKSet(await publishedKeys()), { issuer: AUTH, audience, typ: "at+jwt" });

describe("an access token (RFC 9068)", () => {
  it("is an ES256 JWT of the user, this login and this audience for five minutes", async () => {
    const session = await storeSession(isolates.db);
    const began = Math.floor(Date.now() / 1000);
    const answer = await ask(session, { audience: API });
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    const { access_token: token, ...rest } = (await answer.json()) as Token;
    expect(rest).toEqual({ token_type: "Bearer", expires_in: 300 });
    const { payload, protectedHeader } = await verify(token);
    expect(protectedHeader).toEqual({ alg: "ES256", typ: "at+jwt", kid: expect.any(String) });
    const { iat = 0, ...claims } = payload;
    expect(claims).toEqual({ iss: AUTH, sub: session.userId, aud: API, sid: session.loginId, exp: iat + 300 });
    expect(iat).toBeGreaterThanOrEqual(began - 1);
    expect(iat).toBeLessThanOrEqual(began + 5);
  });

  it("names the session as /session does, and holds nothing else about the person", async () => {
    const session = await storeSession(isolates.db);
    const { access_token: token } = await tokenFor(session);
    const { response } = await check(isolates.a, bearer(session));
    const view = (await response.json()) as { session: { id: string } };
    expect(decodeJwt(token).sid).toBe(view.session.id);
    expect(Object.keys(decodeJwt(token)).sort()).toEqual(["aud", "exp", "iat", "iss", "sid", "sub"]);
  });

  it("never lives longer than its session", async () => {
    const session = await storeSession(isolates.db, { lifetime: 100_000 });
    const { access_token: token, expires_in: seconds } = await tokenFor(session);
    expect(seconds).toBeLessThanOrEqual(100);
    expect(seconds).toBeGreaterThan(80);
    const { exp = 0, iat = 0 } = decodeJwt(token);
    expect(exp - iat).toBe(seconds);
  });

  it("changed in any part verifies nowhere", async () => {
    const { access_token: token } = await tokenFor(await storeSession(isolates.db));
    const [header = "", payload = "", signature = ""] = token.split(".");
    const other = Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: "admin" })).toString("base64url");
    await expect(verify([header, other, signature].join("."))).rejects.toThrow();
    await expect(verify([header, payload, signature.slice(2)].join("."))).rejects.toThrow();
  });
});

describe("the audience", () => {
  it.each([
    ["an API that is listed", API],
    ["a name that is no address", "urn:shop:reports"],
    ["a front end", SHOP],
    ["a front end on another site", PARTNER],
    ["a front end that a wildcard lists", "https://branch-7.previews.partner.test"],
  ])("may be %s", async (_, audience) => {
    const { access_token: token } = await tokenFor(await storeSession(isolates.db), { audience });
    expect(decodeJwt(token).aud).toBe(audience);
  });

  it.each([
    ["a stranger", "https://evil.test", "invalid_target"],
    ["a listed API with a slash", `${API}/`, "invalid_target"],
    ["a child of a listed API", "https://x.api.shop.test", "invalid_target"],
    ["a prefix of a listed API", "https://api.shop.test.evil.test", "invalid_target"],
    ["two labels under a wildcard", "https://a.b.previews.partner.test", "invalid_target"],
    ["the wildcard itself", "https://*.previews.partner.test", "invalid_target"],
    ["a front end with a path", `${SHOP}/x`, "invalid_target"],
    ["the auth host", AUTH, "invalid_target"],
    ["empty", "", "invalid_target"],
    ["the null origin", "null", "invalid_target"],
    ["a list", [API], "invalid_request"],
    ["a number", 7, "invalid_request"],
    ["nothing", null, "invalid_request"],
    ["an object", { toString: API }, "invalid_request"],
  ])("may not be %s", async (_, audience, code) => {
    const session = await storeSession(isolates.db);
    await expectError(await ask(session, { audience, headers: { Origin: SHOP } }), 400, code);
  });

  it("is the page's own origin when none is named", async () => {
    const session = await storeSession(isolates.db);
    for (const body of ["", "{}"]) {
      const options = { body, headers: { Origin: PARTNER } };
      const { access_token: token } = await tokenFor(session, options);
      expect(decodeJwt(token).aud).toBe(PARTNER);
    }
  });

  it("must be named when there is no Origin", async () => {
    await expectError(await ask(await storeSession(isolates.db)), 400, "invalid_request");
  });

  it.each(["[]", "7", "null", '"x"', "{", "audience=x"])("a body that is no JSON object is a 400: %s", async (body) => {
    await expectError(await ask(await storeSession(isolates.db), { body }), 400, "invalid_request");
  });
});

describe("who gets none", () => {
  it("a stranger, an unknown bearer, a dead session: 401", async () => {
    const dead = await storeSession(isolates.db, { lifetime: -1000 });
    const unknown = { ...dead, token: "u".repeat(43) };
    for (const session of [null, unknown, dead]) {
      await expectError(await ask(session, { audience: API }), 401, "unauthenticated");
    }
  });

  it("a session that was revoked a moment ago elsewhere: 401 at once, though /session may lag", async () => {
    const session = await storeSession(isolates.db);
    await check(isolates.a, bearer(session));
    await tokenFor(session);
    await isolates.b.fetch("/logout", { method: "POST", headers: bearer(session) });
    await expectError(await ask(session, { audience: API }), 401, "unauthenticated");
  });

  it("a page of another site with the person's cookie (CWE-352): 403", async () => {
    const session = await storeSession(isolates.db);
    const sources: Record<string, string>[] = [
      { Origin: "https://evil.test" },
      { "Sec-Fetch-Site": "cross-site" },
      { Origin: "null" },
    ];
    for (const headers of sources) {
      const answer = await ask(null, { audience: API, headers: { ...cookies(session), ...headers } });
      await expectError(answer, 403, "invalid_origin");
    }
  });

  it("anybody while D1 is down: 503, also with a key at hand", async () => {
    const session = await storeSession(isolates.db);
    await tokenFor(session);
    await isolates.a.setFault({ kind: "fails" });
    const answer = await ask(session, { audience: API });
    await isolates.a.setFault({ kind: "none" });
    expect(answer.headers.get("Retry-After")).toMatch(/^\d+$/);
    await expectError(answer, 503, "temporarily_unavailable");
  });

  it("a GET: 405", async () => {
    expect((await isolates.a.fetch("/session/token")).status).toBe(405);
  });
});

describe("GET /.well-known/jwks.json", () => {
  it("is public, cacheable, and shows public halves alone (RFC 7517)", async () => {
    await tokenFor(await storeSession(isolates.db));
    const answer = await isolates.a.fetch("/.well-known/jwks.json");
    expect(answer.headers.get("Cache-Control")).toMatch(/^public, max-age=\d+$/);
    expect(answer.headers.get("Content-Type")).toMatch(/^application\/(jwk-set\+)?json/);
    expect(answer.headers.getSetCookie()).toEqual([]);
    const { keys } = (await answer.json()) as { keys: Record<string, string>[] };
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
      expect(key).toMatchObject({ alg: "ES256", crv: "P-256", kty: "EC", use: "sig" });
    }
  });

  it("is the same from every isolate", async () => {
    expect(await publishedKeys(isolates.b)).toEqual(await publishedKeys(isolates.a));
  });
});

describe("private keys", () => {
  it("rest encrypted, each for its own id", async () => {
    await tokenFor(await storeSession(isolates.db));
    const { results } = await isolates.db
      .prepare("SELECT id, sealed, public_key FROM signing_key")
      .all<{ id: string; sealed: string; public_key: string }>();
    const keyring = createKeyring([Buffer.from(SECRETS.AUTH_SECRET, "base64url")]);
    const dump = await dumpDatabase(isolates.db);
    for (const { id, sealed, public_key: publicKey } of results) {
      const { d, x } = JSON.parse((await open(keyring, "signing-key", id, sealed)) ?? "{}");
      expect(d).toMatch(/^[\w-]{43}$/);
      expect(x).toBe(JSON.parse(publicKey).x);
      expect(dump).not.toContain(d);
      expect(await open(keyring, "signing-key", "another", sealed)).toBeNull();
      expect(await open(keyring, "kakao-token", id, sealed)).toBeNull();
    }
    expect(dump).not.toContain('"d"');
    expect(isolates.a.logText()).not.toContain("PRIVATE");
  });

  it("are one, though many ask for the first one at once", async () => {
    await isolates.db.prepare("DELETE FROM signing_key").run();
    const session = await storeSession(isolates.db);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask(session, { audience: API, isolate: isolates.other })),
    );
    for (const answer of answers) await verify(((await answer.json()) as Token).access_token);
    expect((await publishedKeys()).keys).toHaveLength(1);
  });
});

describe("rotation", () => {
  const rows = () =>
    isolates.db
      .prepare("SELECT id, signs_from, signs_until, expires_at FROM signing_key ORDER BY signs_from")
      .all<{ id: string; signs_from: number; signs_until: number; expires_at: number }>();
  const only = (columns: string) => isolates.db.prepare(`UPDATE signing_key SET ${columns}`).bind(Date.now()).run();

  it("by the schedule: the next key is published a day before it signs, the last one until its tokens have ended", async () => {
    await isolates.db.prepare("DELETE FROM signing_key").run();
    await isolates.a.scheduled();
    const session = await storeSession(isolates.db);
    const { access_token: old } = await tokenFor(session, { audience: API, isolate: isolates.b });
    await isolates.a.scheduled();
    expect((await publishedKeys()).keys).toHaveLength(1);

    await only("signs_until = ?1 + 23 * 3600000, expires_at = ?1 + 47 * 3600000");
    await isolates.a.scheduled();
    await isolates.a.scheduled();
    const { results } = await rows();
    expect(results).toHaveLength(2);
    expect(results[1]?.signs_from).toBe(results[0]?.signs_until);
    expect(new Set((await publishedKeys()).keys.map(({ kid }) => kid)).size).toBe(2);
    const { access_token: still } = await tokenFor(session, { audience: API, isolate: isolates.b });
    expect(decodeProtectedHeader(still).kid).toBe(results[0]?.id);

    // A day later: an isolate that has no key at hand takes the new one.
    const shift = 24 * 3_600_000;
    await isolates.db
      .prepare(
        "UPDATE signing_key SET signs_from = signs_from - ?1, signs_until = signs_until - ?1, expires_at = expires_at - ?1",
      )
      .bind(shift)
      .run();
    const { access_token: next } = await tokenFor(session, { audience: API, isolate: isolates.fresh });
    expect(decodeProtectedHeader(next).kid).toBe(results[1]?.id);
    for (const token of [old, still, next]) await verify(token);

    // And another: the old key is gone from the set and from D1.
    await isolates.db
      .prepare("UPDATE signing_key SET expires_at = 1 WHERE id = ?")
      .bind(results[0]?.id ?? "")
      .run();
    expect((await publishedKeys()).keys.map(({ kid }) => kid)).toEqual([results[1]?.id]);
    await isolates.a.scheduled();
    expect((await rows()).results.map(({ id }) => id)).toEqual([results[1]?.id]);
  });

  it("of AUTH_SECRET without the old key: a new key is made, and what the old one protected counts no more", async () => {
    const session = await storeSession(isolates.db);
    const { access_token: old } = await tokenFor(session, { audience: API, isolate: isolates.fresh });
    const { access_token: next } = await tokenFor(session, { audience: API, isolate: isolates.rekeyed });
    expect(decodeProtectedHeader(next).kid).not.toBe(decodeProtectedHeader(old).kid);
    const rekeyed = (await (await isolates.rekeyed.fetch("/.well-known/jwks.json")).json()) as JSONWebKeySet;
    await expect(jwtVerify(next, createLocalJWKSet(rekeyed))).resolves.toBeDefined();
    await expect(jwtVerify(old, createLocalJWKSet(rekeyed))).rejects.toThrow();
    const { access_token: again } = await tokenFor(session, { audience: API, isolate: isolates.rekeyed });
    expect(decodeProtectedHeader(again).kid).toBe(decodeProtectedHeader(next).kid);
  });
});

describe("a verifier that fetched the key set early", () => {
  const kids = ({ keys }: { keys: Record<string, string>[] }) => keys.map(({ kid }) => kid);

  it("can verify the first token of all: the set has a key before anybody asked for a token", async () => {
    await isolates.db.prepare("DELETE FROM signing_key").run();
    const fetched = await publishedKeys(isolates.newborn);
    expect(fetched.keys).toHaveLength(1);
    expect(await publishedKeys(isolates.newborn)).toEqual(fetched);
    const session = await storeSession(isolates.db);
    const { access_token: token } = await tokenFor(session, { audience: API, isolate: isolates.newborn });
    await expect(jwtVerify(token, createLocalJWKSet(fetched))).resolves.toBeDefined();
  });

  it("finds a new key and not the old one when AUTH_SECRET was replaced, before anybody asked for a token", async () => {
    const old = kids(await publishedKeys(isolates.newborn));
    const fetched = await publishedKeys(isolates.scheduled);
    expect(fetched.keys).toHaveLength(1);
    for (const kid of old) expect(kids(fetched)).not.toContain(kid);
    const session = await storeSession(isolates.db);
    const { access_token: token } = await tokenFor(session, { audience: API, isolate: isolates.scheduled });
    await expect(jwtVerify(token, createLocalJWKSet(fetched))).resolves.toBeDefined();
  });

  it("whose AUTH_SECRET was replaced: the schedule makes the new key, once", async () => {
    await isolates.db.prepare("DELETE FROM signing_key").run();
    await isolates.newborn.scheduled();
    const old = kids(await publishedKeys(isolates.newborn));
    await isolates.scheduled.scheduled();
    await isolates.scheduled.scheduled();
    const { results } = await isolates.db.prepare("SELECT id FROM signing_key").all<{ id: string }>();
    const added = results.map(({ id }) => id).filter((id) => !old.includes(id));
    expect(added).toHaveLength(1);
    expect(kids(await publishedKeys(isolates.scheduled))).toEqual(added);
  });
});
