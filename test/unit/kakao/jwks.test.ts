import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { verifyIdToken } from "../../../src/kakao/id-token.ts";
import { KakaoRequestError } from "../../../src/kakao/index.ts";
import { answerFetch, jsonAnswer } from "./fetch-double.ts";
import { CLIENT_ID, goodClaims, type Key, NONCE, newKey, sign } from "./signed-id-tokens.ts";

const MINUTE = 60 * 1000;

let key: Key;
let next: Key;
beforeAll(async () => {
  [key, next] = await Promise.all([newKey("kid-1"), newKey("kid-2")]);
});
beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 1), toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

let issuers = 0;
/** A Kakao of one's own, so that no test finds the cached keys of another. */
const newIssuer = () => `https://kauth-${issuers++}.test`;

const verify = async (issuer: string, signer: Key) =>
  verifyIdToken(await sign(signer, goodClaims(issuer)), {
    issuer,
    audience: CLIENT_ID,
    nonce: NONCE,
    signal: undefined,
  });

const passMinutes = (minutes: number) => vi.setSystemTime(Date.now() + minutes * MINUTE);

describe("Kakao's keys, which it blocks callers for fetching too often", () => {
  test("are fetched once for all logins of an hour, from the issuer's own address", async () => {
    const issuer = newIssuer();
    const requests = answerFetch(() => jsonAnswer({ keys: [key.jwk] }));
    for (let login = 0; login < 5; login += 1) {
      await verify(issuer, key);
      passMinutes(11);
    }
    expect(requests.map(({ url }) => url)).toEqual([`${issuer}/.well-known/jwks.json`]);
    passMinutes(60);
    await verify(issuer, key);
    expect(requests).toHaveLength(2);
  });

  test("are fetched again at once for a key id that is new: Kakao rotated", async () => {
    const issuer = newIssuer();
    let keys = [key.jwk];
    const requests = answerFetch(() => jsonAnswer({ keys }));
    await verify(issuer, key);
    keys = [key.jwk, next.jwk];
    await verify(issuer, next);
    await verify(issuer, key);
    expect(requests).toHaveLength(2);
  });

  test("of one issuer never verify another's tokens", async () => {
    const [first, second] = [newIssuer(), newIssuer()];
    const requests = answerFetch((request) =>
      jsonAnswer({ keys: request.url.startsWith(first) ? [key.jwk] : [next.jwk] }),
    );
    await verify(first, key);
    await expect(verify(second, key)).rejects.toMatchObject({ failure: { step: "id_token" } });
    expect(requests).toHaveLength(2);
  });

  test("still count for a day while Kakao's key endpoint is down, and not for longer", async () => {
    const issuer = newIssuer();
    let isDown = false;
    answerFetch(() => (isDown ? new Response(null, { status: 503 }) : jsonAnswer({ keys: [key.jwk] })));
    await verify(issuer, key);
    isDown = true;
    passMinutes(23 * 60);
    await expect(verify(issuer, key)).resolves.toBeDefined();
    await expect(verify(issuer, next)).rejects.toMatchObject({ code: "http_503", failure: { step: "jwks" } });
    passMinutes(2 * 60);
    await expect(verify(issuer, key)).rejects.toMatchObject({ code: "http_503", failure: { step: "jwks" } });
  });
});

test.each([
  ["no keys", "{}"],
  ["keys that are no list", '{"keys":{}}'],
  ["a key that is null", '{"keys":[null]}'],
  ["a key that is a text", '{"keys":["k"]}'],
  ["a key that is a list", '{"keys":[[]]}'],
  ["a key of another kind", '{"keys":[{"kty":"oct","k":"AAAA","kid":"kid-1"}]}'],
  ["a broken RSA key", '{"keys":[{"kty":"RSA","alg":"RS256","kid":"kid-1","n":"!","e":"AQAB"}]}'],
  ["a key without a modulus", '{"keys":[{"kty":"RSA","alg":"RS256","kid":"kid-1"}]}'],
  ["two keys under one id", "twice"],
  ["an empty list", '{"keys":[]}'],
  ["HTML", "<html>"],
  ["nothing", ""],
])("a key set with %s fails the login with a KakaoRequestError", async (_, body) => {
  answerFetch(() => jsonAnswer(body === "twice" ? { keys: [key.jwk, key.jwk] } : body));
  await expect(verify(newIssuer(), key)).rejects.toBeInstanceOf(KakaoRequestError);
});
