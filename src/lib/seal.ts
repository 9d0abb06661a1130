import { base64url } from "jose";

/** What a key is for: a text sealed for one purpose never opens for another. */
export type Purpose = "login-attempt" | "kakao-token";

/** Keys derived from `AUTH_SECRET`: the first one seals, all of them open, so that rotation signs nobody out. */
export type Keyring = { readonly secrets: readonly Uint8Array[]; readonly derived: Map<string, CryptoKey> };

const encoder = new TextEncoder();
const IV_BYTES = 12;

export const createKeyring = (secrets: readonly Uint8Array[]): Keyring => ({ secrets, derived: new Map() });

/**
 * Encrypts a text under AES-256-GCM, bound to a context (for example a user id) that must be named again to open it.
 * Returns base64url of the initialization vector and the ciphertext.
 */
export const seal = async (keyring: Keyring, purpose: Purpose, context: string, text: string): Promise<string> => {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const key = await keyFor(keyring, 0, purpose);
  const additionalData = encoder.encode(context);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, encoder.encode(text));
  const bytes = new Uint8Array(IV_BYTES + sealed.byteLength);
  bytes.set(iv);
  bytes.set(new Uint8Array(sealed), IV_BYTES);
  return base64url.encode(bytes);
};

/** The sealed text, or `null` for anything that none of the keys sealed for this purpose and context. */
export const open = async (
  keyring: Keyring,
  purpose: Purpose,
  context: string,
  sealed: string,
): Promise<string | null> => {
  const bytes = decode(sealed);
  if (bytes === null || bytes.byteLength <= IV_BYTES) return null;
  const iv = bytes.subarray(0, IV_BYTES);
  const additionalData = encoder.encode(context);
  for (const index of keyring.secrets.keys()) {
    const key = await keyFor(keyring, index, purpose);
    try {
      const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, bytes.subarray(IV_BYTES));
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text);
    } catch {
      // Not this key's; an older one may fit.
    }
  }
  return null;
};

/** HKDF (RFC 5869) with the purpose as its info. The finished key is kept, never the promise of it. */
const keyFor = async (keyring: Keyring, index: number, purpose: Purpose): Promise<CryptoKey> => {
  const name = `${index}:${purpose}`;
  const known = keyring.derived.get(name);
  if (known) return known;
  const secret = keyring.secrets[index];
  if (!secret) throw new RangeError("the keyring has no such key");
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const key = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode(`kakao-auth-worker/${purpose}`) },
    base,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
  keyring.derived.set(name, key);
  return key;
};

const decode = (text: string): Uint8Array | null => {
  try {
    return base64url.decode(text);
  } catch {
    return null;
  }
};
