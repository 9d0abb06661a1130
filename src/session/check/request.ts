import type { AppContext } from "../../context.ts";
import { readBookmark } from "../bookmark.ts";
import { cookiePlace, setBookmarkCookie, setProofCookie, setSessionCookie } from "../cookie.ts";
import { type Credential, readAsked, readCredential, readCredentials } from "../credential.ts";
import { bookmarkOf, type Database, openPrimary } from "../database.ts";
import type { AlsoWrite } from "./adapter.ts";
import type { Asker } from "./known.ts";
import { PROOF_MILLISECONDS } from "./proof.ts";
import { checkQuickly, type QuickResult } from "./quick-check.ts";
import { type CheckResult, checkSession } from "./strict-check.ts";

export const credentialOf = (c: AppContext): Credential | null =>
  readCredential(c.get("config").cookieDomain, c.req.header("Authorization") ?? null, c.req.header("Cookie") ?? null);

/** Every session token that the request carries, for a logout. */
export const everyCredentialOf = (c: AppContext) =>
  readCredentials(c.get("config").cookieDomain, c.req.header("Authorization") ?? null, c.req.header("Cookie") ?? null);

/**
 * Checks the request's session where an answer a few seconds old is good enough: `/session`, `/session/verify`.
 * A HEAD has no effect, so that one renews nothing and hands nothing out.
 *
 * @param asker whom the answer reaches
 */
export const checkRequest = async (c: AppContext, asker: Asker): Promise<QuickResult> => {
  const { headers } = c.req.raw;
  const known = c.get("known");
  const asked = known === undefined ? readAsked(c.get("config").cookieDomain, headers) : known;
  if (asked === null) return { kind: "signed_out" };
  const { credential, proof } = asked;
  const {
    session: policy,
    keyring,
    authOrigin: issuer,
    revocationLag: lag,
    cookieDomain,
    readReplicas,
  } = c.get("config");
  if (c.req.method === "HEAD")
    return withoutEffect(await checkSession(c.env.DB, policy, credential.token, { renew: false }));
  const db = openPrimary(c.env.DB, { readReplicas });
  const result = await checkQuickly(
    {
      db,
      replicas: readReplicas ? { db: c.env.DB, bookmark: readBookmark(cookieDomain, headers.get("Cookie")) } : null,
      policy,
      keyring,
      issuer,
      lag,
      memory: c.get("memory"),
      asker,
      waitUntil: (work) => c.executionCtx.waitUntil(work),
    },
    credential,
    proof,
    known?.found,
  );
  if (result.kind === "signed_in" && credential.transport === "cookie") {
    if (result.renewed) keepCookie(c, credential.token, result.signedIn.session.expiresAt, db);
    if (result.proof !== null) setProofCookie(c, cookiePlace(c), result.proof, PROOF_MILLISECONDS / 1000);
  }
  return result;
};

/**
 * Checks the request's session against D1, for everything that lists, changes or issues something.
 *
 * @param also writes that need a live session, in the same trip
 */
export const checkStrictly = async (c: AppContext, also?: AlsoWrite): Promise<CheckResult> => {
  const credential = credentialOf(c);
  if (credential === null) return { kind: "signed_out" };
  const db = openPrimary(c.env.DB, c.get("config"));
  const result = await checkSession(db, c.get("config").session, credential.token, {
    renew: c.req.method !== "HEAD",
    ...(also && { also }),
  });
  if (result.kind === "signed_in" && credential.transport === "cookie") {
    if (result.renewed) keepCookie(c, credential.token, result.signedIn.session.expiresAt, db);
    else if (also) keepBookmark(c, db);
  }
  return result;
};

/** Sets the session cookie again after a renewal: without it an active user would drop out when the old one ends. */
const keepCookie = (c: AppContext, token: string, expiresAt: number, db: Database): void =>
  setSessionCookie(c, cookiePlace(c), token, { expiresAt, now: Date.now(), bookmark: bookmarkOf(db) });

/** After a write for a session that goes on as it is. */
const keepBookmark = (c: AppContext, db: Database): void => {
  const bookmark = bookmarkOf(db);
  if (bookmark !== null) setBookmarkCookie(c, cookiePlace(c), bookmark);
};

const withoutEffect = (result: CheckResult): QuickResult =>
  result.kind === "signed_in" ? { ...result, body: "", source: "database", proof: null } : result;
