import { randomBytes } from "node:crypto";
import { hashAtRest } from "./database.ts";
import type { TestWorker } from "./worker.ts";

export const HOUR = 60 * 60 * 1000;

/** A session as its browser knows it. */
export type StoredSession = { token: string; loginId: string; userId: string };

export const randomText = (): string => randomBytes(32).toString("base64url");

/** Puts a user into D1, without the way through Kakao. */
export const storeUser = async (db: D1Database): Promise<string> => {
  const userId = randomBytes(8).toString("hex").slice(0, 15);
  await db
    .prepare(
      `INSERT INTO user (id, kakao_id, nickname, email, email_verified, created_at)
       VALUES (?1, '4021' || abs(random()), '라이언', 'ryan@kakao.com', 1, 1763800000000)`,
    )
    .bind(userId)
    .run();
  return userId;
};

/** Puts a session into D1, of a user of its own unless one is named. `lifetime` in milliseconds. */
export const storeSession = async (
  db: D1Database,
  { userId, lifetime = 24 * HOUR }: { userId?: string; lifetime?: number } = {},
): Promise<StoredSession> => {
  const owner = userId ?? (await storeUser(db));
  const [token, loginId] = [randomText(), randomBytes(8).toString("hex")];
  await db
    .prepare(
      `INSERT INTO user_session
         (id, user_id, active_expires, idle_expires, login_id, created_at, absolute_expires, last_seen_at)
       VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?3, ?5)`,
    )
    .bind(hashAtRest(token), owner, Date.now() + lifetime, loginId, Date.now())
    .run();
  return { token, loginId, userId: owner };
};

export const cookies = (session: { token: string }, proof?: string | null): { Cookie: string } => ({
  Cookie: `__Host-session=${session.token}${proof ? `; __Host-proof=${proof}` : ""}`,
});

export const bearer = (session: { token: string }): { Authorization: string } => ({
  Authorization: `Bearer ${session.token}`,
});

/** An answer of `GET /session`, read. */
export type Check = {
  status: number;
  userId: string | null;
  /** Where the answer came from, as `Server-Timing` says. */
  source: string;
  /** A proof that came with it. */
  proof: string | null;
  response: Response;
};

/** Asks who is signed in. */
export const check = async (worker: TestWorker, headers: Record<string, string>): Promise<Check> => {
  const response = await worker.fetch("/session", { headers });
  const body = (await response.clone().json()) as { user?: { id: string } | null };
  const line = response.headers.getSetCookie().find((cookie) => /^__(Host|Secure)-proof=/.test(cookie));
  return {
    status: response.status,
    userId: body.user?.id ?? null,
    source: /desc="(\w+)"/.exec(response.headers.get("Server-Timing") ?? "")?.[1] ?? "",
    proof: /=([^;]*)/.exec(line ?? "")?.[1] ?? null,
    response,
  };
};

/** The proof that a check of this session hands out. */
export const proofOf = async (worker: TestWorker, session: StoredSession): Promise<string> => {
  const { proof } = await check(worker, cookies(session));
  if (proof === null) throw new Error("the check handed out no proof");
  return proof;
};
