import { base64url } from "jose";
import type { Keyring } from "../../lib/keyring.ts";
import { authenticate, isAuthentic } from "../../lib/mac.ts";
import type { SignedIn } from "../signed-in.ts";

/** What D1 said of a session at one moment. Times in milliseconds since 1970. */
export type Statement = {
  signedIn: SignedIn;
  sessionHash: string;
  /** The newest revocation that D1 knew at that moment; a later one about this session or user outdates the statement. */
  seq: number;
  issuedAt: number;
  /** Never after the session's own end. */
  usableUntil: number;
  /** From then on whoever can renew the session has to ask D1, which does. */
  renewAt: number;
};

/** Whose proofs: a deployment that shares its secret with another must not believe the other's. */
export type Mint = { readonly keyring: Keyring; readonly issuer: string };

/** The longest life of a statement. Shorter, and busy browsers ask D1 more often; longer, and isolates read more feed. */
export const PROOF_MILLISECONDS = 5 * 60 * 1000;

/** Isolates run on different machines: a little disagreement between their clocks is no forgery. */
const CLOCK_SKEW = 5000;

/** Larger than any profile makes a proof; what is longer was not made here. */
const MAXIMUM_LENGTH = 4096;

const decoder = new TextDecoder();

/**
 * Writes a statement down so that any isolate can believe it without asking D1. The mark covers the session token as
 * well, which is not in the text: a proof without its session's cookie, or beside another's, proves nothing.
 */
export const mintProof = async ({ keyring, issuer }: Mint, statement: Statement, token: string): Promise<string> => {
  const text = base64url.encode(JSON.stringify(statement));
  return `${text}.${await authenticate(keyring, "session-proof", marked(issuer, text, token))}`;
};

/** Three fields without a dot in them but the last, which has a fixed length: read back in one way alone. */
const marked = (issuer: string, text: string, token: string): string => `${issuer} ${text}.${token}`;

/** The statement of a proof that was made for this token, or `null`. Whether it still holds is for the feed to say. */
export const openProof = async (
  { keyring, issuer }: Mint,
  proof: string,
  token: string,
  now: number,
): Promise<Statement | null> => {
  if (proof.length > MAXIMUM_LENGTH) return null;
  const dot = proof.indexOf(".");
  const text = proof.slice(0, dot);
  if (dot < 1 || !(await isAuthentic(keyring, "session-proof", marked(issuer, text, token), proof.slice(dot + 1))))
    return null;
  // Only this Worker could have made the mark, so the text is of this type.
  const statement: Statement = JSON.parse(decoder.decode(base64url.decode(text)));
  return isUsable(statement, now) ? statement : null;
};

/** Neither outdated nor from the future. */
export const isUsable = (statement: Pick<Statement, "issuedAt" | "usableUntil">, now: number): boolean =>
  now < statement.usableUntil && statement.issuedAt <= now + CLOCK_SKEW;
