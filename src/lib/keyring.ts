/** What a key is for: what was made for one purpose is worthless for another. */
export type Purpose = "login-attempt" | "kakao-token" | "session-proof" | "signing-key";

/** Keys derived from `AUTH_SECRET`: the first one makes, all of them accept, so that rotation signs nobody out. */
export type Keyring = { readonly secrets: readonly Uint8Array[]; readonly derived: Map<string, CryptoKey> };

type Algorithm = "AES-GCM" | "HMAC";

const encoder = new TextEncoder();

export const createKeyring = (secrets: readonly Uint8Array[]): Keyring => ({ secrets, derived: new Map() });

/**
 * The key of one secret for one purpose: HKDF (RFC 5869) with the purpose as its info. The finished key is kept, never
 * the promise of it, which would belong to the request that made it.
 */
export const keyFor = async (
  keyring: Keyring,
  index: number,
  purpose: Purpose,
  algorithm: Algorithm,
): Promise<CryptoKey> => {
  const name = `${index}:${purpose}`;
  const known = keyring.derived.get(name);
  if (known) return known;
  const secret = keyring.secrets[index];
  if (!secret) throw new RangeError("the keyring has no such key");
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const key = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode(`kakao-auth-worker/${purpose}`) },
    base,
    algorithm === "HMAC" ? { name: "HMAC", hash: "SHA-256", length: 256 } : { name: "AES-GCM", length: 256 },
    false,
    algorithm === "HMAC" ? ["sign", "verify"] : ["encrypt", "decrypt"],
  );
  keyring.derived.set(name, key);
  return key;
};
