import fc from "fast-check";
import { base64url, CompactSign } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { verifyIdToken } from "../../../src/kakao/id-token.ts";
import { KakaoRequestError } from "../../../src/kakao/index.ts";
import { answerFetch, jsonAnswer } from "./fetch-double.ts";
import { CLIENT_ID, goodClaims, type Key, NONCE, newKey, sign } from "./signed-id-tokens.ts";

const ISSUER = "https://kauth.kakao.com";
const NOW = () => Math.floor(Date.now() / 1000);

let key: Key;
let foreign: Key;
let weak: Key;
beforeAll(async () => {
  [key, foreign, weak] = await Promise.all([newKey("kid-1"), newKey("kid-1"), newKey("kid-2", "PS256")]);
});

const verify = (idToken: string, nonce: string | undefined = NONCE, issuer = ISSUER) => {
  answerFetch(() => jsonAnswer({ keys: [key.jwk, { ...weak.jwk, alg: undefined }] }));
  return verifyIdToken(idToken, { issuer, audience: CLIENT_ID, nonce, signal: undefined });
};

const refused = (what: string) => ({
  name: "KakaoRequestError",
  code: `id_token_${what}`,
  failure: { step: "id_token", url: `${ISSUER}/oauth/token` },
});

test("a good token gives its claims", async () => {
  const claims = { ...goodClaims(ISSUER), nickname: "서윤", email: "seoyun@example.com" };
  expect(await verify(await sign(key, claims))).toEqual(claims);
});

test("without a nonce sent, none is asked for", async () => {
  answerFetch(() => jsonAnswer({ keys: [key.jwk] }));
  const expected = { issuer: ISSUER, audience: CLIENT_ID, nonce: undefined, signal: undefined };
  await expect(
    verifyIdToken(await sign(key, { ...goodClaims(ISSUER), nonce: undefined }), expected),
  ).resolves.toBeDefined();
});

describe("claims (OpenID Connect Core section 3.1.3.7)", () => {
  test.each([
    ["another issuer", { iss: "https://kauth.kakao.com.evil.test" }, "iss"],
    ["the issuer with a slash", { iss: `${ISSUER}/` }, "iss"],
    ["no issuer", { iss: undefined }, "iss"],
    ["another app", { aud: "another-rest-api-key" }, "aud"],
    ["no audience", { aud: undefined }, "aud"],
    ["another app beside ours", { aud: [CLIENT_ID, "another-rest-api-key"] }, "claims"],
    ["ours alone, in a list", { aud: [CLIENT_ID] }, "claims"],
    ["expired a second ago", { exp: NOW() - 1 }, "err_jwt_expired"],
    ["no expiry", { exp: undefined }, "exp"],
    ["an expiry that is a text", { exp: "9999999999" }, "exp"],
    ["no time of issue", { iat: undefined }, "iat"],
    ["not valid yet", { nbf: NOW() + 600 }, "nbf"],
    ["no subject", { sub: undefined }, "sub"],
    ["a subject that is a number", { sub: 2604117385 }, "claims"],
    ["another nonce: a token of another login (CWE-294)", { nonce: "another" }, "nonce"],
    ["no nonce although one was sent", { nonce: undefined }, "nonce"],
    ["a nonce in a list", { nonce: [NONCE] }, "nonce"],
  ])("%s", async (_, claims, what) => {
    const token = await sign(key, { ...goodClaims(ISSUER), ...claims } as never);
    await expect(verify(token)).rejects.toMatchObject(refused(what));
  });
});

describe("signature (RFC 8725)", () => {
  const parts = async () => {
    const [header = "", payload = "", signature = ""] = (await sign(key, goodClaims(ISSUER))).split(".");
    return { header, payload, signature };
  };
  const forge = async (header: object, secret: string) =>
    new CompactSign(new TextEncoder().encode(JSON.stringify(goodClaims(ISSUER))))
      .setProtectedHeader({ alg: "HS256", ...header })
      .sign(new TextEncoder().encode(secret));

  test.each<[string, () => Promise<string>]>([
    ["another key under the same id", () => sign(foreign, goodClaims(ISSUER))],
    ["a key id that Kakao does not publish", () => sign(key, goodClaims(ISSUER), { kid: "unpublished" })],
    [
      "alg none (CWE-347)",
      async () => `${base64url.encode('{"alg":"none","kid":"kid-1"}')}.${(await parts()).payload}.`,
    ],
    ["no signature", async () => `${(await parts()).header}.${(await parts()).payload}.`],
    ["HS256 under the public modulus (CWE-347)", () => forge({ kid: key.kid }, key.jwk.n ?? "")],
    ["PS256 under a published key", () => sign(weak, goodClaims(ISSUER))],
    ["a key that comes along in the header", () => sign(foreign, goodClaims(ISSUER), { jwk: foreign.jwk })],
    [
      "a payload that was changed",
      async () => {
        const { header, signature } = await parts();
        return `${header}.${base64url.encode(JSON.stringify({ ...goodClaims(ISSUER), sub: "1" }))}.${signature}`;
      },
    ],
    ["two parts", async () => `${(await parts()).header}.${(await parts()).payload}`],
    ["five parts, as an encrypted one", async () => "a.b.c.d.e"],
    ["not a token", async () => "not a token"],
    ["empty", async () => ""],
  ])("%s is refused", async (_, token) => {
    await expect(verify(await token())).rejects.toMatchObject({ failure: { step: "id_token" } });
  });

  test("property: one changed character is no good token any more", async () => {
    const token = await sign(key, goodClaims(ISSUER));
    // Not the last character: two of its bits are no part of the signature.
    const place = fc.nat(token.length - 2);
    await fc.assert(
      fc.asyncProperty(place, fc.constantFrom(..."ABab01-_."), async (index, character) => {
        fc.pre(token[index] !== character);
        const changed = token.slice(0, index) + character + token.slice(index + 1);
        await expect(verify(changed)).rejects.toBeInstanceOf(KakaoRequestError);
      }),
      { numRuns: 60 },
    );
  });

  test("property: no text is believed, and none makes anything but a KakaoRequestError", async () => {
    const part = fc.oneof(
      fc.string(),
      fc.json().map((json) => base64url.encode(json)),
    );
    const text = fc.array(part, { maxLength: 5 }).map((parts) => parts.join("."));
    await fc.assert(
      fc.asyncProperty(text, async (idToken) => {
        await expect(verify(idToken)).rejects.toBeInstanceOf(KakaoRequestError);
      }),
      { numRuns: 60 },
    );
  });
});

test("the error shows nothing of the token (CWE-532)", async () => {
  const token = await sign(key, { ...goodClaims(ISSUER), aud: "aud-of-somebody", email: "seoyun@example.com" });
  const error = await verify(token).catch((thrown: unknown) => thrown);
  expect(`${JSON.stringify(error)} ${error instanceof Error ? error.stack : ""}`).not.toMatch(
    /aud-of|seoyun|2604117385/,
  );
});
