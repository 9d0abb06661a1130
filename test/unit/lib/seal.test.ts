import fc from "fast-check";
import { base64url } from "jose";
import { describe, expect, test } from "vitest";
import { createKeyring, type Keyring } from "../../../src/lib/keyring.ts";
import { open, seal } from "../../../src/lib/seal.ts";

const secret = (byte: number) => new Uint8Array(32).fill(byte);
const RING = createKeyring([secret(1)]);
const openIt = (sealed: string, ring: Keyring = RING) => open(ring, "kakao-token", "user-1", sealed);
const sealIt = (text: string, ring: Keyring = RING) => seal(ring, "kakao-token", "user-1", text);

const flip = (sealed: string, bit: number): string => {
  const bytes = base64url.decode(sealed);
  const index = Math.floor(bit / 8) % bytes.length;
  bytes[index] = (bytes[index] ?? 0) ^ (1 << (bit % 8));
  return base64url.encode(bytes);
};

describe("what was sealed", () => {
  test("property: opens again as the same text, for the same purpose and context", async () => {
    const wellFormed = fc.string({ unit: "grapheme" });
    await fc.assert(
      fc.asyncProperty(wellFormed, wellFormed, async (context, text) => {
        expect(await open(RING, "kakao-token", context, await seal(RING, "kakao-token", context, text))).toBe(text);
      }),
    );
  });

  test.each([
    ["empty", ""],
    ["Korean", "서윤"],
    ["a byte order mark at its front", "\uFEFF{}"],
    ["a NUL", "a\0b"],
    ["long", "x".repeat(100_000)],
  ])("%s comes back to the letter", async (_, text) => {
    expect(await openIt(await sealIt(text))).toBe(text);
  });

  test("fits into a cookie without quoting (RFC 6265 section 4.1.1)", async () => {
    expect(await sealIt("서윤")).toMatch(/^[\w-]+$/);
  });

  test("never looks the same twice: each has an initialization vector of its own (CWE-329)", async () => {
    const sealed = await Promise.all(Array.from({ length: 100 }, () => sealIt("the same text")));
    expect(new Set(sealed.map((text) => text.slice(0, 16))).size).toBe(100);
  });

  test("shows nothing of the text", async () => {
    const sealed = await sealIt("refresh-token");
    expect(Buffer.from(sealed, "base64url").toString("latin1")).not.toContain("refresh");
  });
});

describe("null, never an error, for", () => {
  test("another context: a token copied into another user's row (CWE-639)", async () => {
    expect(await open(RING, "kakao-token", "user-2", await sealIt("text"))).toBeNull();
  });

  test("another purpose: a login attempt shown as a token", async () => {
    expect(await open(RING, "login-attempt", "user-1", await sealIt("text"))).toBeNull();
  });

  test("a context and text that run together", async () => {
    const sealed = await seal(RING, "kakao-token", "ab", "c");
    expect(await open(RING, "kakao-token", "a", sealed)).toBeNull();
    expect(await open(RING, "kakao-token", "abc", sealed)).toBeNull();
  });

  test("another key", async () => {
    expect(await openIt(await sealIt("text"), createKeyring([secret(2)]))).toBeNull();
  });

  test("no key at all", async () => {
    expect(await openIt(await sealIt("text"), createKeyring([]))).toBeNull();
  });

  test("property: any flipped bit (CWE-353)", async () => {
    const sealed = await sealIt("a text of some length");
    await fc.assert(
      fc.asyncProperty(fc.nat(base64url.decode(sealed).length * 8 - 1), async (bit) => {
        expect(await openIt(flip(sealed, bit))).toBeNull();
      }),
    );
  });

  test("property: any cut-off", async () => {
    const sealed = await sealIt("a text");
    await fc.assert(
      // One character of base64url is the least that always takes a whole byte away, or two of them.
      fc.asyncProperty(fc.nat(sealed.length - 2), async (length) => {
        expect(await openIt(sealed.slice(0, length))).toBeNull();
      }),
    );
  });

  test.each(["", "A", "AAAA", "A".repeat(16), "A".repeat(38), "===", "ü", "a b", "null", "+/+/"])(
    "%j",
    async (text) => {
      expect(await openIt(text)).toBeNull();
    },
  );

  test("property: any text of a stranger", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.base64String()), async (text) => {
        expect(await openIt(text)).toBeNull();
      }),
    );
  });
});

describe("rotation of AUTH_SECRET", () => {
  const [before, during, after] = [[1], [2, 1], [2]].map((bytes) => createKeyring(bytes.map(secret))) as [
    Keyring,
    Keyring,
    Keyring,
  ];

  test("a new first key seals, the old one still opens", async () => {
    const old = await sealIt("old", before);
    expect(await openIt(old, during)).toBe("old");
    const fresh = await sealIt("fresh", during);
    expect(await openIt(fresh, before)).toBeNull();
    expect(await openIt(fresh, after)).toBe("fresh");
    expect(await openIt(old, after)).toBeNull();
  });
});

test("a keyring keeps finished keys, and none of them can be exported (CWE-522)", async () => {
  const ring = createKeyring([secret(3)]);
  await sealIt("text", ring);
  const keys = [...ring.derived.values()];
  expect(keys).toHaveLength(1);
  for (const key of keys)
    expect(key).toMatchObject({ extractable: false, algorithm: { name: "AES-GCM", length: 256 } });
});
