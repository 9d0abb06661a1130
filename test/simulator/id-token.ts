import { withParts } from "./consent.ts";
import type { Grant } from "./state.ts";

/** Seconds that an id_token of a key lives: 6 hours for the REST API key, 12 for a native app key. */
export const lifeOfToken = (grant: Grant): number => (grant.key === grant.app.restApiKey ? 21_600 : 43_200);

/**
 * Claims of an id_token. `nickname` and `picture` need consent; `email` also that the address is valid and verified,
 * so its presence says verified. There is no `email_verified`.
 *
 * @param consented consent items that the person agreed to
 * @param now milliseconds
 * @see https://developers.kakao.com/docs/latest/ko/kakaologin/rest-api#request-token-id-token
 */
export const idTokenClaims = (
  grant: Grant,
  consented: ReadonlySet<string>,
  issue: { issuer: string; nonce: string | null; now: number },
): Record<string, string | number> => {
  const issuedAt = Math.floor(issue.now / 1000);
  const claims: Record<string, string | number> = {
    aud: grant.key,
    sub: grant.person.id,
    auth_time: Math.floor(grant.authenticatedAt / 1000),
    iss: issue.issuer,
    exp: issuedAt + lifeOfToken(grant),
    iat: issuedAt,
  };
  if (issue.nonce !== null) claims.nonce = issue.nonce;
  const { account } = grant.person;
  const agreed = withParts(consented);
  if (account === null) return claims;
  if (agreed.has("profile_nickname")) claims.nickname = account.nickname;
  if (agreed.has("profile_image")) claims.picture = account.thumbnailImageUrl;
  if (agreed.has("account_email") && account.email?.valid && account.email.verified) {
    claims.email = account.email.address;
  }
  return claims;
};
