import { base64url } from "jose";

/** 256 random bits as 43 characters of base64url: a state, a nonce, or a code verifier (RFC 7636 section 4.1). */
export const randomText = (): string => base64url.encode(crypto.getRandomValues(new Uint8Array(32)));

/** The S256 code challenge of a verifier (RFC 7636 section 4.2). */
export const codeChallenge = async (codeVerifier: string): Promise<string> =>
  base64url.encode(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(codeVerifier))));
