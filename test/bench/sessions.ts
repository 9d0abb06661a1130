import { createHash } from "node:crypto";
import { base64url } from "jose";
import { createKeyring } from "../../src/lib/keyring.ts";
import { mintProof, PROOF_MILLISECONDS } from "../../src/session/check/proof.ts";
import { getRequest } from "./connection.ts";
import { VARIABLES } from "./variables.ts";

const HOUR = 60 * 60 * 1000;

/** Rows a statement; one value carries the hashes of all of them. */
const CHUNK = 10_000;

const hash = (text: string): string => createHash("sha256").update(text).digest("base64url");

/** The token of the n-th session, and its id at rest. */
const tokenOf = (index: number): string => hash(`bench session ${index}`);
const idOf = (index: number): string => hash(tokenOf(index));

const userIdOf = (index: number): string => `u${String(index).padStart(14, "0")}`;

/** Fills an empty database with sessions, each of a user of its own. */
export const storeSessions = async (db: D1Database, count: number): Promise<void> => {
  const now = Date.now();
  for (let first = 0; first < count; first += CHUNK) {
    const rows = Array.from({ length: Math.min(CHUNK, count - first) }, (_, offset) => first + offset);
    const list = JSON.stringify(rows.map((index) => [userIdOf(index), idOf(index)]));
    await db.batch([
      db
        .prepare(
          `INSERT INTO user (id, kakao_id, nickname, picture, email, email_verified, created_at)
           SELECT value ->> 0, '4021' || substr(value ->> 0, 2), '라이언',
             'https://k.kakaocdn.net/dn/bench/img_640x640.jpg', substr(value ->> 0, 2) || '@kakao.com', 1, ?2
           FROM json_each(?1)`,
        )
        .bind(list, now),
      db
        .prepare(
          `INSERT INTO user_session
             (id, user_id, active_expires, idle_expires, login_id, created_at, absolute_expires, last_seen_at)
           SELECT value ->> 1, value ->> 0, ?2 + ?3, ?2 + 14 * ?3, 'login' || substr(value ->> 0, 2), ?2, ?2 + 90 * ?3, ?2
           FROM json_each(?1)`,
        )
        .bind(list, now, 24 * HOUR),
    ]);
  }
};

const MINT = {
  keyring: createKeyring([base64url.decode(VARIABLES.AUTH_SECRET)]),
  issuer: VARIABLES.AUTH_ORIGIN,
};

/**
 * A proof of the n-th session, as a check of the Worker would hand it out. `variant` tells proofs of one session apart:
 * it is issued that many milliseconds earlier.
 */
const proofOf = (index: number, variant: number, now: number): Promise<string> => {
  const user = {
    id: userIdOf(index),
    kakaoId: `4021${userIdOf(index).slice(1)}`,
    nickname: "라이언",
    picture: "https://k.kakaocdn.net/dn/bench/img_640x640.jpg",
    email: `${userIdOf(index).slice(1)}@kakao.com`,
    emailVerified: true,
    createdAt: now,
  };
  const session = { id: `login${userIdOf(index).slice(1)}`, createdAt: now, expiresAt: now + 14 * 24 * HOUR };
  const times = { issuedAt: now - variant, usableUntil: now - variant + PROOF_MILLISECONDS, renewAt: now + 24 * HOUR };
  return mintProof(MINT, { signedIn: { user, session }, sessionHash: idOf(index), seq: 0, ...times }, tokenOf(index));
};

/** Requests of browsers whose cookie holds a row's id in clear, as Lucia keeps it. */
export const plainRequests = (sessions: number, count: number): Buffer[] =>
  Array.from({ length: count }, (_, n) => getRequest("/session", { Cookie: `__Host-session=${idOf(n % sessions)}` }));

/** Requests of browsers that have a session cookie and no proof yet. */
export const coldRequests = (sessions: number, count: number): Buffer[] =>
  Array.from({ length: count }, (_, n) =>
    getRequest("/session", { Cookie: `__Host-session=${tokenOf(n % sessions)}` }),
  );

/** Requests of browsers that have both cookies: `count` different proofs of the first `sessions` sessions. */
export const provenRequests = async (sessions: number, count: number): Promise<Buffer[]> => {
  const now = Date.now();
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const proof = await proofOf(n % sessions, Math.floor(n / sessions), now);
      return getRequest("/session", { Cookie: `__Host-session=${tokenOf(n % sessions)}; __Host-proof=${proof}` });
    }),
  );
};
