import { describe, expect, test } from "vitest";
import { randomText, sha256 } from "../../../src/lib/hash.ts";

describe("sha256()", () => {
  // Examples of FIPS 180-4.
  test.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
  ])("of %j", async (text, digest) => {
    expect(await sha256(text)).toBe(Buffer.from(digest, "hex").toString("base64url"));
  });

  test("of texts beyond ASCII is that of their UTF-8", async () => {
    expect(await sha256("서윤")).toBe(
      Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from("서윤", "utf8"))).toString("base64url"),
    );
  });
});

describe("randomText()", () => {
  test("is 256 bits in 43 characters of base64url, never the same (CWE-330)", () => {
    const texts = Array.from({ length: 500 }, randomText);
    expect(new Set(texts).size).toBe(500);
    for (const text of texts) {
      expect(text).toMatch(/^[\w-]{43}$/);
      expect(Buffer.from(text, "base64url")).toHaveLength(32);
    }
  });
});
