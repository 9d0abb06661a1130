import { type Credential, isSessionToken } from "../credential.ts";
import { type SignedIn, viewOf } from "../signed-in.ts";
import { isFresh, stillHolds } from "./feed.ts";
import { type Memory, type Remembered, recall, remember } from "./memory.ts";
import { type Mint, openProof, type Statement } from "./proof.ts";

/** What can be said of a credential without I/O: by what it is remembered, and whether it was until this request. */
export type Known = { readonly key: string; readonly remembered: Remembered; readonly source: "memory" | "proof" };

/**
 * Whom an answer reaches. A browser keeps its cookies, a renewed session and a proof among them. A proxy may hand a proof
 * on or not, and keeps nothing itself. Another Worker gets no cookie at all.
 */
export type Asker = "browser" | "proxy" | "worker";

/** What is needed to know something. `lag` in milliseconds; with 0 nothing is ever known. */
export type KnownTools = Mint & { readonly memory: Memory; readonly lag: number; readonly asker: Asker };

/**
 * What this isolate remembers of a credential, or what its proof says: D1's answer of some minutes ago. Whether it may
 * be given again, `mayAnswer` says. A promise only where a proof has to be verified, so that a remembered one costs none.
 */
export const findKnown = (
  tools: KnownTools,
  { token, transport }: Credential,
  proof: string | null,
  now: number,
): Known | null | Promise<Known | null> => {
  // A token has one length, so that token and proof run together name one statement alone (CWE-436).
  if (tools.lag === 0 || !isSessionToken(token)) return null;
  const { memory, asker } = tools;
  const isBearer = transport === "bearer";
  // Who brings a session back to life, by renewing it, must not be kept from it by an answer that others gave.
  const renews = isBearer || asker === "browser";
  const unlessDue = (known: Known | null): Known | null =>
    known !== null && renews && now >= known.remembered.statement.renewAt ? null : known;
  // Where no browser can be relied on to bring a good proof, the token alone has to do, as for a bearer.
  if (isBearer || asker !== "browser") {
    const remembered = recall(memory, token, now);
    if (remembered !== null) return unlessDue({ key: token, remembered, source: "memory" });
  }
  if (isBearer || proof === null) return null;
  const key = keyOf(token, proof);
  const remembered = recall(memory, key, now);
  return remembered === null
    ? believe(tools, token, proof, now).then(unlessDue)
    : unlessDue({ key, remembered, source: "memory" });
};

const believe = async (tools: KnownTools, token: string, proof: string, now: number): Promise<Known | null> => {
  const statement = await openProof(tools, proof, token, now);
  if (statement === null) return null;
  const key = keyOf(token, proof);
  return { key, remembered: keep(tools.memory, key, statement), source: "proof" };
};

/** Whether D1 could not have answered otherwise within the lag: the feed is fresh and says nothing against it. */
export const mayAnswer = (
  { memory, lag }: Pick<KnownTools, "memory" | "lag">,
  { remembered }: Known,
  now: number,
): boolean => isFresh(memory.feed, lag, now) && stillHolds(memory.feed, remembered.statement);

/** Remembers a statement, with the body that `/session` answers for it. */
export const keep = (memory: Memory, key: string, statement: Statement): Remembered => {
  const remembered = { statement, body: bodyOf(statement.signedIn) };
  remember(memory, key, remembered);
  return remembered;
};

const keyOf = (token: string, proof: string): string => `${token}.${proof}`;

/** What the answer to a credential is remembered by: for a browser's cookie the proof handed out with it, too. */
export const keyFor = (asker: Asker, token: string, proof: string | null): string =>
  asker !== "browser" || proof === null ? token : keyOf(token, proof);

export const bodyOf = (signedIn: SignedIn): string => JSON.stringify(viewOf(signedIn));
