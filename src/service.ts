import { WorkerEntrypoint } from "cloudflare:workers";
import { isolateFor } from "./isolate.ts";
import { createLog, WITHOUT_RAY } from "./lib/log.ts";
import { describeDatabaseError } from "./pages/failure.ts";
import { readBookmark } from "./session/bookmark.ts";
import { endAndOutdate } from "./session/check/feed.ts";
import { checkQuickly } from "./session/check/quick-check.ts";
import { readCredential, readProof } from "./session/credential.ts";
import { openPrimary } from "./session/database.ts";
import { endLoginById } from "./session/logins.ts";
import { viewOf } from "./session/signed-in.ts";

/** Who is signed in, as `/session` shows it. */
export type ServiceSession = ReturnType<typeof viewOf>;

/** Failures are data: an error's class does not survive the way between two Workers. */
export type ServiceFailure = { error: "temporarily_unavailable" | "misconfigured" };

/**
 * The entrypoint for other Workers of the same account: a service binding, no public hop, and only who is bound by the
 * operator can call it.
 *
 * @example
 * ```toml
 * [[services]]
 * binding = "AUTH"
 * service = "kakao-auth-worker"
 * entrypoint = "AuthService"
 * ```
 */
export class AuthService extends WorkerEntrypoint<Env> {
  /** Who a request's credential belongs to: the value of its `Cookie` header, or `Bearer <token>`. `null`: nobody. */
  async check(credential: string): Promise<ServiceSession | null | ServiceFailure> {
    const { configured, memory } = isolateFor(this.env);
    if ("problems" in configured) return { error: "misconfigured" };
    const { cookieDomain, session: policy, keyring, authOrigin: issuer, revocationLag: lag } = configured.config;
    const { readReplicas } = configured.config;
    if (typeof credential !== "string") return null;
    const isBearer = /^bearer\s/i.test(credential);
    const cookies = isBearer ? null : credential;
    const found = readCredential(cookieDomain, isBearer ? credential : null, cookies);
    if (found === null) return null;
    const tools = {
      db: openPrimary(this.env.DB, { readReplicas }),
      replicas: readReplicas ? { db: this.env.DB, bookmark: readBookmark(cookieDomain, cookies) } : null,
      policy,
      keyring,
      issuer,
      lag,
      memory,
      asker: "worker" as const,
      waitUntil: (work: Promise<unknown>) => this.ctx.waitUntil(work),
    };
    const result = await checkQuickly(tools, found, readProof(cookieDomain, found, cookies));
    if (result.kind === "unavailable") return unavailable(result.cause);
    return result.kind === "signed_in" ? viewOf(result.signedIn) : null;
  }

  /** Ends the login with this public session id, on all its sites; `revoked` is false when there was none. */
  async revoke(sessionId: string): Promise<{ revoked: boolean } | ServiceFailure> {
    const { configured, memory } = isolateFor(this.env);
    if ("problems" in configured) return { error: "misconfigured" };
    if (typeof sessionId !== "string") return { revoked: false };
    try {
      return { revoked: await endAndOutdate(memory.feed, () => endLoginById(this.env.DB, sessionId)) };
    } catch (cause) {
      return unavailable(cause);
    }
  }
}

const unavailable = (cause: unknown): ServiceFailure => {
  createLog(WITHOUT_RAY).error("temporarily_unavailable", describeDatabaseError(cause));
  return { error: "temporarily_unavailable" };
};
