import { createHash, timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { findClient } from "./apps.ts";
import { jsonResponse, kauthError } from "./errors.ts";
import { idTokenClaims, lifeOfToken } from "./id-token.ts";
import type { JsonObject } from "./json.ts";
import { findLink, type Grant, randomText } from "./state.ts";
import type { Fault } from "./types.ts";
import type { RouteEnv, World } from "./world.ts";

const DAY = 24 * 60 * 60 * 1000;
const REFRESH_LIFE = 60 * DAY;
/** A refresh answers with a new refresh token only when the old one has less than a month left. */
const RENEWAL_WINDOW = 30 * DAY;
/** Kakao's quota for one person: 20 access tokens in 10 minutes, 30 refresh tokens in an hour. */
const QUOTA = { access: { count: 20, window: 10 * 60 * 1000 }, refresh: { count: 30, window: 60 * 60 * 1000 } };

const isSame = (left: string, right: string): boolean => {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
};

/** RFC 7636, sections 4.1 and 4.6: 43 to 128 unreserved characters whose SHA-256 is the challenge. */
const verifies = (verifier: string | null, challenge: string): boolean =>
  verifier !== null &&
  /^[A-Za-z0-9._~-]{43,128}$/.test(verifier) &&
  isSame(createHash("sha256").update(verifier).digest("base64url"), challenge);

/** The parameters, or none of them when the body is not a form: Kakao reads nothing else, so a JSON body is KOE101. */
const readForm = async (request: Request): Promise<URLSearchParams> => {
  const type = request.headers.get("content-type") ?? "";
  const text = await request.text();
  return new URLSearchParams(/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type) ? text : "");
};

/**
 * `POST /oauth/token`: authorization code and refresh token grants, `client_secret_post` alone.
 *
 * A code is taken by its first presentation by the app it was given to; a redirect URI or verifier that does not match
 * is final. (That a mismatch burns the code is an assumption on the strict side.)
 *
 * @see https://developers.kakao.com/docs/latest/ko/kakaologin/rest-api#request-token
 */
export const tokenRoutes = (world: World) => {
  const { state, now } = world;

  const exceedsQuota = (grant: Grant, kind: keyof typeof QUOTA): boolean => {
    if (grant.app.limitsTokens !== true) return false;
    const name = `${grant.app.appId}:${grant.person.id}:${kind}`;
    const recent = (state.issued.get(name) ?? []).filter((time) => time > now() - QUOTA[kind].window);
    if (recent.length >= QUOTA[kind].count) return true;
    state.issued.set(name, [...recent, now()]);
    return false;
  };

  const issueAccessToken = (grant: Grant): JsonObject => {
    const value = randomText(40);
    const life = lifeOfToken(grant) - 1;
    state.accessTokens.set(value, { grant, expiresAt: now() + life * 1000 });
    return { access_token: value, token_type: "bearer", expires_in: life };
  };

  const issueRefreshToken = (grant: Grant): JsonObject => {
    const value = randomText(40);
    state.refreshTokens.set(value, { grant, expiresAt: now() + REFRESH_LIFE });
    return { refresh_token: value, refresh_token_expires_in: REFRESH_LIFE / 1000 - 1 };
  };

  const agreedItems = (grant: Grant): ReadonlySet<string> =>
    findLink(state, grant.app, grant.person)?.agreed ?? new Set<string>();

  const issueIdToken = async (grant: Grant, nonce: string | null, fault: Fault | null): Promise<JsonObject> => {
    if (!grant.openId) return {};
    const claims = idTokenClaims(grant, agreedItems(grant), { issuer: world.authOrigin, nonce, now: now() });
    if (fault?.kind === "wrong_signature") return { id_token: await world.keys.sign(claims, { foreignKey: true }) };
    if (fault?.kind !== "claims") return { id_token: await world.keys.sign(claims) };
    const changed = Object.entries({ ...claims, ...fault.claims }).filter(([, value]) => value !== null);
    return { id_token: await world.keys.sign(Object.fromEntries(changed), { header: fault.header ?? {} }) };
  };

  const exchangeCode = async (key: string, form: URLSearchParams, fault: Fault | null): Promise<Response> => {
    const value = form.get("code");
    const code = state.codes.get(value ?? "");
    if (value === null || code === undefined || code.expiresAt <= now()) return kauthError("KOE320", `${value}`);
    if (code.grant.key !== key) return kauthError("KOE114");
    // Before the first await below: of parallel exchanges exactly one finds the code.
    state.codes.delete(value);
    if (form.get("redirect_uri") !== code.redirectUri) return kauthError("KOE303");
    if (code.codeChallenge !== null && !verifies(form.get("code_verifier"), code.codeChallenge)) {
      return kauthError("KOE313");
    }
    const { grant } = code;
    if (exceedsQuota(grant, "access") || exceedsQuota(grant, "refresh")) return kauthError("KOE237");
    const scope = [...agreedItems(grant), ...(grant.openId ? ["openid"] : [])].join(" ");
    return jsonResponse({
      ...issueAccessToken(grant),
      ...(await issueIdToken(grant, code.nonce, fault)),
      ...issueRefreshToken(grant),
      ...(scope === "" ? {} : { scope }),
    });
  };

  const refresh = async (key: string, form: URLSearchParams, fault: Fault | null): Promise<Response> => {
    const value = form.get("refresh_token");
    if (value === null || value === "") return kauthError("KOE319");
    const token = state.refreshTokens.get(value);
    if (token === undefined || token.expiresAt <= now() || token.grant.key !== key) return kauthError("KOE322");
    const { grant } = token;
    const renews = token.expiresAt - now() < RENEWAL_WINDOW;
    if (exceedsQuota(grant, "access") || (renews && exceedsQuota(grant, "refresh"))) return kauthError("KOE237");
    if (renews) state.refreshTokens.delete(value);
    return jsonResponse({
      ...issueAccessToken(grant),
      ...(await issueIdToken(grant, null, fault)),
      ...(renews ? issueRefreshToken(grant) : {}),
    });
  };

  return new Hono<RouteEnv>().post("/oauth/token", async (context) => {
    const form = await readForm(context.req.raw);
    const key = form.get("client_id");
    const client = findClient(world.apps, key ?? "");
    if (client === null) return kauthError("KOE101", ` [${key}]`);
    const secret = client.kind === "rest" ? client.app.clientSecret : null;
    if (secret !== null && !isSame(form.get("client_secret") ?? "", secret)) return kauthError("KOE010");
    const { fault } = context.env;
    switch (form.get("grant_type")) {
      case "authorization_code":
        return exchangeCode(client.key, form, fault);
      case "refresh_token":
        return refresh(client.key, form, fault);
      default:
        return kauthError("KOE310");
    }
  });
};
