import type { AppContext } from "../context.ts";
import { KakaoRequestError } from "../kakao/index.ts";
import { sha256 } from "../lib/hash.ts";
import { describeDatabaseError } from "../pages/failure.ts";
import { refuse } from "../pages/respond.ts";
import { outdate } from "../session/check/feed.ts";
import { bookmarkOf, type Database, openPrimary } from "../session/database.ts";
import { type AttemptOutcome, abandonAttempt, type Claim, claimAttempt } from "../session/sign-in/attempts.ts";
import { signIn } from "../session/sign-in/sign-in.ts";
import { ATTEMPT_MILLISECONDS, deriveCredentials, type OpenedAttempt, openAttempt } from "./attempt.ts";
import { type AuthorizationCode, readCallback } from "./callback-parameters.ts";
import { finishLogin } from "./finish.ts";
import { kakaoFor } from "./kakao.ts";
import { fromFailure, fromRedirect, isLoginError, type LoginEnd, type LoginError } from "./login-error.ts";

/** Both calls to Kakao and the fetch of its keys together. */
const KAKAO_MILLISECONDS = 8000;

/** How long a second callback waits for the first one's outcome: steps in milliseconds, about 7 s in all. */
const WAIT_STEPS = [100, 200, 400, 800, 1600, 2000, 2000];

/**
 * `GET /login/kakao/callback`: Kakao comes back. The attempt is opened before anything else, spent in D1 before Kakao
 * is asked, and its outcome is kept for a second callback of the same browser.
 */
export const finishCallback = async (c: AppContext): Promise<Response> => {
  const url = new URL(c.req.url);
  const parameters = readCallback(url.searchParams);
  if (parameters === null) return refuse(c, { kind: "foreign_callback" }, "/");
  if ("problem" in parameters) return refuse(c, { kind: "invalid_request", problem: parameters.problem }, "/");

  const stateHash = await sha256(parameters.state);
  const login = await openAttempt(c.get("config").keyring, c.req.header("Cookie") ?? null, stateHash);
  if (login === null) return refuse(c, { kind: "foreign_callback" }, "/");

  const { answer } = parameters;
  if (Date.now() - login.attempt.startedAt > ATTEMPT_MILLISECONDS)
    return finishLogin(c, login, failed("login_expired"));
  const known =
    answer.kind === "error" ? fromRedirect(answer.error) : answer.kind === "malformed" ? "login_failed" : null;

  const db = openPrimary(c.env.DB, c.get("config"));
  const claim = await claimOrWait(c, db, login, known);
  if (claim.kind === "unavailable") {
    if (!login.attempt.silent) return refuse(c, claim, url.pathname + url.search);
    c.get("log").error("temporarily_unavailable", describeDatabaseError(claim.cause));
    return finishLogin(c, login, failed("temporarily_unavailable"));
  }
  if (claim.kind === "spent") return finishLogin(c, login, endOf(claim, bookmarkOf(db)));
  if (claim.kind === "under_way") return finishLogin(c, login, failed("login_expired"));
  if (answer.kind !== "code") {
    if (answer.kind === "error") reportRedirect(c, answer.error);
    return finishLogin(c, login, failed(known ?? "login_failed"));
  }

  const work = exchange(c, db, login, answer.code);
  // A browser that gives up on the first of two callbacks must not stop it half way: the second one waits for it.
  c.executionCtx.waitUntil(work);
  return finishLogin(c, login, await work);
};

const claimOrWait = async (
  c: AppContext,
  db: Database,
  { attempt, stateHash }: OpenedAttempt,
  outcome: AttemptOutcome | null,
): Promise<Claim | { kind: "unavailable"; cause: unknown }> => {
  const { sessionToken } = await deriveCredentials(attempt);
  const wish = { stateHash, sessionHash: await sha256(sessionToken), claim: c.get("log").reference, outcome };
  try {
    let claim = await claimAttempt(db, { ...wish, now: Date.now() });
    for (const step of WAIT_STEPS) {
      if (claim.kind !== "under_way") break;
      await scheduler.wait(step);
      claim = await claimAttempt(db, { ...wish, now: Date.now() });
    }
    return claim;
  } catch (cause) {
    return { kind: "unavailable", cause };
  }
};

const exchange = async (
  c: AppContext,
  db: Database,
  { attempt, stateHash }: OpenedAttempt,
  code: AuthorizationCode,
): Promise<LoginEnd> => {
  const { keyring, session: policy } = c.get("config");
  const { auth, provider, takeRows } = kakaoFor(c);
  try {
    const kakaoUserAuth = await provider.validateCallback(code, {
      codeVerifier: attempt.codeVerifier,
      nonce: attempt.nonce,
      signal: AbortSignal.timeout(KAKAO_MILLISECONDS),
    });
    const { sessionToken, loginId, handoffCode } = await deriveCredentials(attempt);
    const { expiresAt, profileChanged } = await signIn(
      { db, auth, takeRows, policy, keyring },
      {
        kakaoUserAuth,
        sessionToken,
        loginId,
        userAgent: c.req.header("User-Agent") ?? null,
        country: c.req.header("CF-IPCountry") ?? null,
        stateHash,
        handoff:
          attempt.codeChallenge === null
            ? null
            : {
                origin: new URL(attempt.redirectTo).origin,
                challenge: attempt.codeChallenge,
                codeHash: await sha256(handoffCode),
              },
        now: Date.now(),
      },
    );
    if (profileChanged) outdate(c.get("memory").feed);
    return { kind: "signed_in", expiresAt, bookmark: bookmarkOf(db) };
  } catch (error) {
    const end = failed(reportFailure(c, error));
    const { sessionToken } = await deriveCredentials(attempt);
    // What missed its deadline may still be written: the login that we call failed here must not come to life later.
    // Nobody waits for it; a second callback does, and then reads this outcome or `login_expired`.
    const undo = abandonAttempt(c.env.DB, { stateHash, sessionHash: await sha256(sessionToken), outcome: end.error });
    c.executionCtx.waitUntil(undo.catch(() => {}));
    return end;
  }
};

/** Tells the operator what Kakao's redirect said, unless it is a person's own decision. */
const reportRedirect = (c: AppContext, error: string): void => {
  const loginError = fromRedirect(error);
  if (loginError === error) return;
  // The address bar is anybody's to fill in: only what has the form of an OAuth error goes into a log line (CWE-117).
  const name = /^[a-z_]{1,40}$/.test(error) ? error : "unreadable";
  const facts = { error: loginError, step: "authorize", kakao_error: name };
  if (loginError === "kakao_unavailable") c.get("log").warn("kakao_refused", facts);
  else c.get("log").error("kakao_refused", facts);
};

/** Tells the operator what failed and where; the person and the front end get a stable code. */
const reportFailure = (c: AppContext, error: unknown): LoginError => {
  const log = c.get("log");
  if (!(error instanceof KakaoRequestError)) {
    log.error("login_not_stored", describeDatabaseError(error));
    return "login_failed";
  }
  const loginError = fromFailure(error.failure);
  const { step, status, code, error: name, ipMismatched } = error.failure;
  const facts = { error: loginError, step, status, kakao_code: code, kakao_error: name, ip_mismatched: ipMismatched };
  if (loginError === "kakao_misconfigured" || loginError === "login_failed") log.error("kakao_refused", facts);
  else log.warn("kakao_refused", facts);
  return loginError;
};

const endOf = ({ outcome, sessionExpires }: Claim & { kind: "spent" }, bookmark: string | null): LoginEnd => {
  if (outcome === "signed_in" && sessionExpires !== null)
    return { kind: "signed_in", expiresAt: sessionExpires, bookmark };
  return failed(isLoginError(outcome) ? outcome : "login_expired");
};

const failed = (error: LoginError) => ({ kind: "failed", error }) as const;
