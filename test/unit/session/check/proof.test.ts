import fc from "fast-check";
import { base64url } from "jose";
import { describe, expect, test } from "vitest";
import { createKeyring } from "../../../../src/lib/keyring.ts";
import { authenticate } from "../../../../src/lib/mac.ts";
import {
  isUsable,
  mintProof,
  openProof,
  PROOF_MILLISECONDS,
  type Statement,
} from "../../../../src/session/check/proof.ts";

const KEY = new Uint8Array(32).fill(1);
const OTHER_KEY = new Uint8Array(32).fill(2);
const ISSUER = "https://auth.shop.test";
const mint = (...keys: Uint8Array[]) => ({ keyring: createKeyring(keys), issuer: ISSUER });
const keyring = mint(KEY);
const TOKEN = "t".repeat(43);
const NOW = 1_763_800_000_000;

const statement: Statement = {
  signedIn: {
    user: {
      id: "u1",
      kakaoId: "9007199254740993123",
      nickname: "라이언 🦁",
      picture: null,
      email: "ryan@kakao.com",
      emailVerified: true,
      createdAt: NOW - 1,
    },
    session: { id: "login1", createdAt: NOW - 1, expiresAt: NOW + 1e9 },
  },
  sessionHash: "h".repeat(43),
  seq: 7,
  issuedAt: NOW,
  usableUntil: NOW + PROOF_MILLISECONDS,
  renewAt: NOW + 86_400_000,
};
const proof = await mintProof(keyring, statement, TOKEN);

describe("a proof", () => {
  test("gives the statement back, for its own token", async () => {
    expect(await openProof(keyring, proof, TOKEN, NOW)).toEqual(statement);
  });

  test("fits into a cookie with a long name, a long address and a long picture", async () => {
    const { user } = statement.signedIn;
    const long = {
      ...user,
      nickname: "가".repeat(20),
      email: `${"a".repeat(240)}@x.kr`,
      picture: `https://${"p".repeat(500)}`,
    };
    const made = await mintProof(keyring, { ...statement, signedIn: { ...statement.signedIn, user: long } }, TOKEN);
    expect(made.length).toBeLessThan(3500);
    expect(await openProof(keyring, made, TOKEN, NOW)).not.toBeNull();
  });

  test.each([
    ["another token", "o".repeat(43)],
    ["a longer token", `${TOKEN}t`],
    ["no token", ""],
    ["the text's own end as part of the token", `.${TOKEN}`],
  ])("proves nothing beside %s", async (_, token) => {
    expect(await openProof(keyring, proof, token, NOW)).toBeNull();
  });

  test("of another deployment that shares the secret proves nothing here (CWE-346)", async () => {
    const elsewhere = { ...keyring, issuer: "https://auth.staging.shop.test" };
    expect(await openProof(keyring, await mintProof(elsewhere, statement, TOKEN), TOKEN, NOW)).toBeNull();
  });

  test("holds under any key of the ring, and under no other", async () => {
    expect(await openProof(mint(OTHER_KEY, KEY), proof, TOKEN, NOW)).toEqual(statement);
    expect(await openProof(mint(OTHER_KEY), proof, TOKEN, NOW)).toBeNull();
  });

  test("is no mark made for another purpose (CWE-347)", async () => {
    const text = proof.split(".")[0] ?? "";
    for (const purpose of ["login-attempt", "signing-key"] as const) {
      const mark = await authenticate(keyring.keyring, purpose, `${ISSUER} ${text}.${TOKEN}`);
      expect(await openProof(keyring, `${text}.${mark}`, TOKEN, NOW)).toBeNull();
    }
  });

  test("that is longer than any profile makes one is not even looked at", async () => {
    const padded = { ...statement, padding: "x".repeat(5000) };
    expect(await openProof(keyring, await mintProof(keyring, padded, TOKEN), TOKEN, NOW)).toBeNull();
  });
});

describe("time", () => {
  test.each([
    ["the moment it was made", 0, true],
    ["its last millisecond", PROOF_MILLISECONDS - 1, true],
    ["its end", PROOF_MILLISECONDS, false],
    ["long after", 1e9, false],
    ["a clock five seconds behind", -5000, true],
    ["a clock that jumped back", -5001, false],
    ["a clock at zero", -NOW, false],
    ["no clock", Number.NaN, false],
  ])("%s", async (_, shift, usable) => {
    expect(isUsable(statement, NOW + shift)).toBe(usable);
    expect(await openProof(keyring, proof, TOKEN, NOW + shift)).toEqual(usable ? statement : null);
  });

  test("at no moment is a proof good that is older than five minutes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.integer({ min: 0, max: PROOF_MILLISECONDS }),
        (shift, life) => {
          const now = NOW + shift;
          if (isUsable({ issuedAt: NOW, usableUntil: NOW + life }, now))
            expect(now - NOW).toBeLessThan(PROOF_MILLISECONDS);
        },
      ),
    );
  });
});

/** Whatever comes in: the very statement that was made, or nothing. */
const opensToNothingElse = async (text: string): Promise<void> => {
  const opened = await openProof(keyring, text, TOKEN, NOW);
  if (opened !== null) expect(opened).toEqual(statement);
};

describe("property:", () => {
  test("with any one bit flipped it is nothing, but for the bits that base64url does not use", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: proof.length - 2 }),
        fc.integer({ min: 0, max: 6 }),
        async (at, bit) => {
          const flipped = String.fromCharCode(proof.charCodeAt(at) ^ (1 << bit));
          expect(await openProof(keyring, proof.slice(0, at) + flipped + proof.slice(at + 1), TOKEN, NOW)).toBeNull();
        },
      ),
      { numRuns: 500 },
    );
  });

  test("cut anywhere, doubled anywhere, or joined with anything, it is nothing else and never throws", async () => {
    const cut = fc.integer({ min: 0, max: proof.length });
    await fc.assert(
      fc.asyncProperty(cut, cut, fc.string(), async (from, to, other) => {
        for (const text of [
          proof.slice(from, to),
          proof.slice(from) + proof.slice(0, to),
          proof + other,
          other + proof,
        ]) {
          await opensToNothingElse(text);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("any text at all is nothing", async () => {
    const part = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.constantFrom("", ".", "null", "{}", base64url.encode("null")),
    );
    await fc.assert(
      fc.asyncProperty(part, part, fc.string(), async (left, right, token) => {
        expect(await openProof(keyring, `${left}.${right}`, token, NOW)).toBeNull();
        expect(await openProof(keyring, left, token, NOW)).toBeNull();
      }),
    );
  });
});
