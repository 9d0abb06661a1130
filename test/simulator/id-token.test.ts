import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import {
  BARE,
  DEFAULT_APP,
  FULL_PROFILE,
  INVALID_EMAIL,
  NINETEEN_DIGITS,
  NO_EMAIL,
  UNVERIFIED_EMAIL,
} from "./index.ts";
import { createClient, createClock, KAUTH, MINUTE, readJson } from "./support/client.ts";

describe("the id_token", () => {
  const verify = async (client: ReturnType<typeof createClient>, idToken: string | undefined) => {
    const response = await client.kakao.fetch(new Request(`${KAUTH}/.well-known/jwks.json`));
    const keys = createLocalJWKSet((await response.json()) as JSONWebKeySet);
    const { payload } = await jwtVerify(idToken ?? "", keys, {
      algorithms: ["RS256"],
      issuer: KAUTH,
      audience: client.app.restApiKey,
    });
    return payload;
  };

  it("is signed by a published key and copies the nonce", async () => {
    const client = createClient();
    const { id_token } = await client.logIn({}, { nonce: "n-0S6_WzA2Mj" });
    expect(await verify(client, id_token)).toMatchObject({ nonce: "n-0S6_WzA2Mj", sub: FULL_PROFILE.id });
  });

  it("has no nonce when none was sent", async () => {
    const client = createClient();
    expect(await verify(client, (await client.logIn()).id_token)).not.toHaveProperty("nonce");
  });

  it("says in auth_time when the person logged in at Kakao", async () => {
    const clock = createClock();
    const client = createClient({ clock });
    const browser = client.kakao.createBrowser();
    await client.kakao.authorize(client.authorizeUrl(), { browser });
    clock.time += 60 * MINUTE;
    // The simulator's clock, not the machine's, dates the token.
    const response = await client.postToken({ code: await client.obtainCode({ browser }) });
    const { id_token } = (await response.json()) as { id_token: string };
    const claims = JSON.parse(Buffer.from(id_token.split(".")[1] ?? "", "base64url").toString());
    expect(claims.iat - claims.auth_time).toBe(3600);
  });

  it.each([
    ["a verified e-mail", FULL_PROFILE, "seoyun@example.com"],
    ["an e-mail that is not agreed to", NO_EMAIL, undefined],
    ["an unverified e-mail", UNVERIFIED_EMAIL, undefined],
    ["an invalid e-mail", INVALID_EMAIL, undefined],
    ["no kakao_account", BARE, undefined],
  ])("with %s", async (_, person, email) => {
    const client = createClient();
    const { email: claim } = await verify(client, (await client.logIn({ person })).id_token);
    expect(claim).toBe(email);
  });

  it("has every digit of a long user number", async () => {
    const client = createClient();
    const { id_token } = await client.logIn({ person: NINETEEN_DIGITS });
    expect((await verify(client, id_token)).sub).toBe(NINETEEN_DIGITS.id);
  });

  it("is for the native app key when Kakao's SDK logs in, without a client secret", async () => {
    const client = createClient();
    const key = DEFAULT_APP.nativeAppKeys[0] ?? "";
    const sdk = { client_id: key, redirect_uri: `kakao${key}://oauth` };
    const code = await client.obtainCode({}, sdk);
    const body = await readJson(await client.postToken({ ...sdk, code, client_secret: null }));
    expect(body.expires_in).toBe(43_199);
    const claims = JSON.parse(Buffer.from(String(body.id_token).split(".")[1] ?? "", "base64url").toString());
    expect(claims.aud).toBe(key);
    expect(claims.exp - claims.iat).toBe(43_200);
  });
});
