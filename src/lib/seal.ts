import { base64url } from "jose";
import { type Keyring, keyFor, type Purpose } from "./keyring.ts";

const encoder = new TextEncoder();
const IV_BYTES = 12;

/**
 * Encrypts a text under AES-256-GCM, bound to a context (for example a user id) that must be named again to open it.
 * Returns base64url of the initialization vector and the ciphertext.
 */
export const seal = async (keyring: Keyring, purpose: Purpose, context: string, text: string): Promise<string> => {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const key = await keyFor(keyring, 0, purpose, "AES-GCM");
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
    const key = await keyFor(keyring, index, purpose, "AES-GCM");
    try {
      const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, bytes.subarray(IV_BYTES));
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text);
    } catch {
      // Not this key's; an older one may fit.
    }
  }
  return null;
};

const decode = (text: string): Uint8Array | null => {
  try {
    return base64url.decode(text);
  } catch {
    return null;
  }
};
