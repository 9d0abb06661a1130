import { importJWK, type JWK } from "jose";
import { withDeadline } from "../lib/deadline.ts";
import type { Keyring } from "../lib/keyring.ts";
import { open, seal } from "../lib/seal.ts";

/** A key that may sign now. `until`: when to ask D1 for a newer one, in milliseconds since 1970. */
export type SigningKey = { readonly id: string; readonly key: CryptoKey; readonly until: number };

/** Public keys are cached for minutes (`jwks.ts`); a new one is known everywhere long before it signs. */
const PUBLISHED_BEFORE = 24 * 60 * 60 * 1000;
const SIGNS_FOR = 30 * 24 * 60 * 60 * 1000;

/** Tokens live five minutes; the rest is for clocks. */
const PUBLISHED_AFTER = 24 * 60 * 60 * 1000;

/** An isolate looks for a newer key this often. */
const KEPT_FOR = 5 * 60 * 1000;

type Row = { id: string; sealed: string; public_key: string; signs_from: number; signs_until: number };
type OpenedRow = Row & { privateKey: string };

/** What this isolate signed with last: a finished key, never the promise of one. */
let kept: { keyring: Keyring; signing: SigningKey } | null = null;

/**
 * The key that signs now, for some minutes from memory. Made on the spot when there is none, as on the first day: no
 * round trip, one, or three.
 */
export const currentKey = async (db: D1Database, keyring: Keyring, now: number): Promise<SigningKey> => {
  if (kept?.keyring === keyring && now < kept.signing.until) return kept.signing;
  const signing = await readOrMakeKey(db, keyring, now);
  kept = { keyring, signing };
  return signing;
};

const readOrMakeKey = async (db: D1Database, keyring: Keyring, now: number): Promise<SigningKey> => {
  const known = await readKeys(db, keyring, now);
  const found = await signingKeyAmong(known.keys, now);
  if (found) return found;
  await withDeadline((await newKey(db, keyring, now, known.seen)).run());
  const made = await signingKeyAmong((await readKeys(db, keyring, now)).keys, now);
  if (!made) throw new Error("no signing key could be made");
  return made;
};

/**
 * Makes the next key in time, a day before it signs, so that every verifier knows it when it does. Run by the schedule.
 *
 * @returns whether a key was made
 */
export const rotateKeys = async (db: D1Database, keyring: Keyring, now: number): Promise<boolean> => {
  const { keys, seen } = await readKeys(db, keyring, now);
  const until = Math.max(0, ...keys.map((key) => key.signs_until));
  if (until > now + PUBLISHED_BEFORE) return false;
  await withDeadline((await newKey(db, keyring, Math.max(now, until), seen)).run());
  return true;
};

/**
 * The public keys that verifiers need, as JSON Web Keys. Makes the first one: an empty set in somebody's cache would
 * refuse the first tokens.
 */
export const publicKeys = async (db: D1Database, keyring: Keyring, now: number): Promise<JWK[]> => {
  let { keys } = await readKeys(db, keyring, now);
  if (keys.length === 0) {
    await readOrMakeKey(db, keyring, now);
    ({ keys } = await readKeys(db, keyring, now));
  }
  return keys.map((key) => JSON.parse(key.public_key));
};

/**
 * The keys that count, newest first. One sealed under a retired `AUTH_SECRET` does not: whoever retired that secret
 * wants what it protected to be worthless. `seen`: the ids of all of them.
 */
const readKeys = async (
  db: D1Database,
  keyring: Keyring,
  now: number,
): Promise<{ keys: OpenedRow[]; seen: readonly string[] }> => {
  const statement = db.prepare("SELECT * FROM signing_key WHERE expires_at > ? ORDER BY signs_from DESC, id");
  const { results } = await withDeadline(statement.bind(now).all<Row>());
  const opened = await Promise.all(
    results.map(async (row) => ({ ...row, privateKey: await open(keyring, "signing-key", row.id, row.sealed) })),
  );
  const keys = opened.flatMap(({ privateKey, ...row }) => (privateKey === null ? [] : { ...row, privateKey }));
  return { keys, seen: results.map(({ id }) => id) };
};

const signingKeyAmong = async (keys: readonly OpenedRow[], now: number): Promise<SigningKey | null> => {
  const current = keys.find((key) => key.signs_from <= now && now < key.signs_until);
  if (!current) return null;
  const key = await importJWK(JSON.parse(current.privateKey), "ES256");
  if (!(key instanceof CryptoKey)) throw new Error("a signing key is no key pair");
  return { id: current.id, key, until: Math.min(current.signs_until, now + KEPT_FOR) };
};

/** The statement that stores a new key, unless somebody stored one meanwhile: of many first tokens one makes the key. */
const newKey = async (
  db: D1Database,
  keyring: Keyring,
  signsFrom: number,
  seen: readonly string[],
): Promise<D1PreparedStatement> => {
  const id = crypto.randomUUID();
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new Error("ECDSA keys come in pairs");
  const { kty, crv, x, y } = (await crypto.subtle.exportKey("jwk", pair.publicKey)) as JWK;
  const privateKey = JSON.stringify(await crypto.subtle.exportKey("jwk", pair.privateKey));
  const publicKey = JSON.stringify({ kty, crv, x, y, kid: id, alg: "ES256", use: "sig" });
  return db
    .prepare(
      `INSERT INTO signing_key (id, sealed, public_key, signs_from, signs_until, expires_at)
       SELECT ?1, ?2, ?3, ?4, ?4 + ?5, ?4 + ?5 + ?6
        WHERE NOT EXISTS
          (SELECT 1 FROM signing_key WHERE expires_at > ?8 AND id NOT IN (SELECT value FROM json_each(?7)))`,
    )
    .bind(
      id,
      await seal(keyring, "signing-key", id, privateKey),
      publicKey,
      signsFrom,
      SIGNS_FOR,
      PUBLISHED_AFTER,
      JSON.stringify(seen),
      Date.now(),
    );
};
