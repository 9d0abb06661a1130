import { base64url } from "jose";
import { type Keyring, keyFor, type Purpose } from "./keyring.ts";

const encoder = new TextEncoder();

/** HMAC-SHA-256 of a text under the first key, as base64url. */
export const authenticate = async (keyring: Keyring, purpose: Purpose, text: string): Promise<string> => {
  const key = await keyFor(keyring, 0, purpose, "HMAC");
  return base64url.encode(new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text))));
};

/** Whether one of the keys made this mark. Web Crypto compares in constant time. */
export const isAuthentic = async (keyring: Keyring, purpose: Purpose, text: string, mark: string): Promise<boolean> => {
  if (!/^[\w-]{43}$/.test(mark)) return false;
  const bytes = base64url.decode(mark);
  const message = encoder.encode(text);
  for (const index of keyring.secrets.keys()) {
    const key = await keyFor(keyring, index, purpose, "HMAC");
    if (await crypto.subtle.verify("HMAC", key, bytes, message)) return true;
  }
  return false;
};
