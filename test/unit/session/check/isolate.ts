import { createHash } from "node:crypto";
import { createKeyring } from "../../../../src/lib/keyring.ts";
import { createMemory } from "../../../../src/session/check/memory.ts";
import type { CheckTools } from "../../../../src/session/check/quick-check.ts";
import type { SqliteD1 } from "./sqlite-d1.ts";

export const LAG = 5000;
export const MINUTE = 60 * 1000;
export const HOUR = 60 * MINUTE;

/** The one session of these tests: its token, and the hash that D1 knows it by. */
export const TOKEN = "t".repeat(43);
export const HASH = createHash("sha256").update(TOKEN).digest("base64url");

/** Puts that session and its user into D1. Times in milliseconds; `absolute`: until nothing renews it any more. */
export const storeSession = (
  { sql }: SqliteD1,
  { lifetime = 24 * HOUR, absolute = lifetime }: { lifetime?: number; absolute?: number } = {},
): void => {
  const now = Date.now();
  sql.exec(`
    INSERT INTO user (id, kakao_id, nickname, email_verified, created_at) VALUES ('u1', '1', '무지', 0, 1);
    INSERT INTO user_session (id, user_id, active_expires, idle_expires, login_id, created_at, absolute_expires, last_seen_at)
      VALUES ('${HASH}', 'u1', ${now + lifetime}, ${now + lifetime}, 'login1', 1, ${now + absolute}, ${now});`);
};

export const storeRevocations = ({ sql }: SqliteD1, subjects: readonly string[]): void => {
  const insert = sql.prepare("INSERT INTO revocation (subject, created_at) VALUES (?, ?)");
  for (const subject of subjects) insert.run(subject, Date.now());
};

const keyring = createKeyring([new Uint8Array(32).fill(1)]);

/** What a check in an isolate of its own may use; `background`: where work after the answer goes. */
export const createIsolate = (
  db: CheckTools["db"],
  background: Promise<unknown>[],
  change: Partial<CheckTools> = {},
): CheckTools => ({
  db,
  replicas: null,
  policy: { active: 24 * HOUR, idle: 24 * HOUR, absolute: 24 * HOUR },
  keyring,
  issuer: "https://auth.shop.test",
  lag: LAG,
  memory: createMemory(),
  asker: "browser",
  waitUntil: (work) => background.push(work),
  ...change,
});
