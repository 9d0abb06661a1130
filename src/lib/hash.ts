import { base64url } from "jose";

const encoder = new TextEncoder();

/** SHA-256 of a text, as 43 characters of base64url: the only form in which a credential reaches D1. */
export const sha256 = async (text: string): Promise<string> =>
  base64url.encode(new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text))));

/** 256 random bits as 43 characters of base64url. */
export const randomText = (): string => base64url.encode(crypto.getRandomValues(new Uint8Array(32)));
