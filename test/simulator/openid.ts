import { Hono } from "hono";
import { compactVerify, createLocalJWKSet } from "jose";
import { withParts } from "./consent.ts";
import { readAccessToken } from "./credentials.ts";
import { jsonResponse, kapiError, kauthError } from "./errors.ts";
import { findLink } from "./state.ts";
import type { PersonAccount } from "./types.ts";
import type { RouteEnv, World } from "./world.ts";

const DISCOVERY_TYPE = { "content-type": "application/json;charset=utf-8" };

const birthdateOf = ({ birthyear, birthday }: PersonAccount, agreed: ReadonlySet<string>): string | null => {
  const year = agreed.has("birthyear") ? birthyear : null;
  const day = agreed.has("birthday") && birthday !== null ? birthday.date.replace(/^(..)(..)$/, "$1-$2") : null;
  if (day === null) return year;
  return `${year ?? "0000"}-${day}`;
};

/** The claims of `/v1/oidc/userinfo`. The gender is in capitals, as in the documentation's example. */
const userinfoOf = (account: PersonAccount, agreed: ReadonlySet<string>): Record<string, string | boolean> => {
  const texts: Record<string, string | null> = {
    name: agreed.has("name") ? account.name : null,
    nickname: agreed.has("profile_nickname") ? account.nickname : null,
    picture: agreed.has("profile_image") ? account.thumbnailImageUrl : null,
    email: agreed.has("account_email") ? (account.email?.address ?? null) : null,
    gender: agreed.has("gender") ? (account.gender?.toUpperCase() ?? null) : null,
    birthdate: birthdateOf(account, agreed),
    phone_number: agreed.has("phone_number") ? account.phoneNumber : null,
  };
  const claims: Record<string, string | boolean> = {};
  for (const [name, value] of Object.entries(texts)) if (value !== null) claims[name] = value;
  if (claims.email !== undefined) claims.email_verified = account.email?.valid === true && account.email.verified;
  if (claims.phone_number !== undefined) claims.phone_number_verified = true;
  return claims;
};

/**
 * OpenID Connect: discovery, key set, tokeninfo (for debugging) and userinfo.
 *
 * @see https://developers.kakao.com/docs/latest/ko/kakaologin/rest-api#oidc
 */
export const openIdRoutes = (world: World) => {
  const { authOrigin, apiOrigin, state, keys } = world;

  return new Hono<RouteEnv>()
    .get("/.well-known/openid-configuration", () =>
      jsonResponse(
        {
          issuer: authOrigin,
          authorization_endpoint: `${authOrigin}/oauth/authorize`,
          token_endpoint: `${authOrigin}/oauth/token`,
          userinfo_endpoint: `${apiOrigin}/v1/oidc/userinfo`,
          jwks_uri: `${authOrigin}/.well-known/jwks.json`,
          token_endpoint_auth_methods_supported: ["client_secret_post"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["RS256"],
          request_uri_parameter_supported: false,
          response_types_supported: ["code"],
          response_modes_supported: ["query"],
          grant_types_supported: ["authorization_code", "refresh_token"],
          code_challenge_methods_supported: ["S256"],
          claims_supported: ["iss", "aud", "sub", "auth_time", "exp", "iat", "nonce", "nickname", "picture", "email"],
        },
        200,
        DISCOVERY_TYPE,
      ),
    )
    .get("/.well-known/jwks.json", async (context) =>
      jsonResponse(await keys.jwks(context.env.fault?.kind === "wrong_signature"), 200, DISCOVERY_TYPE),
    )
    .post("/oauth/tokeninfo", async (context) => {
      const idToken = new URLSearchParams(await context.req.text()).get("id_token") ?? "";
      try {
        const { payload } = await compactVerify(idToken, createLocalJWKSet(await keys.jwks()));
        const claims = JSON.parse(new TextDecoder().decode(payload));
        return claims.exp * 1000 > world.now() ? jsonResponse(claims) : kauthError("KOE400");
      } catch {
        return kauthError("KOE400");
      }
    })
    .get("/v1/oidc/userinfo", (context) => {
      const token = readAccessToken(world, context.req.raw);
      if ("refusal" in token) return token.refusal;
      const { app, person, openId } = token.value.grant;
      const agreed = findLink(state, app, person)?.agreed ?? new Set<string>();
      if (!openId) {
        const scopes = { required_scopes: ["openid"], allowed_scopes: [...agreed] };
        return kapiError(403, -402, "insufficient scopes.", { api_type: "OIDC_USERINFO", ...scopes });
      }
      return jsonResponse({
        sub: person.id,
        ...(person.account === null ? {} : userinfoOf(person.account, withParts(agreed))),
      });
    });
};
