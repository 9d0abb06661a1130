import { decodeJwt, decodeProtectedHeader } from "jose";
import { describe, expect, it } from "vitest";
import callbacks from "./fixtures/authorize-callbacks.json" with { type: "json" };
import kapi from "./fixtures/kapi.json" with { type: "json" };
import openid from "./fixtures/openid.json" with { type: "json" };
import tokens from "./fixtures/token.json" with { type: "json" };
import users from "./fixtures/user-me.json" with { type: "json" };
import {
  BARE,
  FULL_PROFILE,
  INVALID_EMAIL,
  type KakaoApp,
  NO_EMAIL,
  type Person,
  UNDER_FOURTEEN,
  UNVERIFIED_EMAIL,
} from "./index.ts";
import { createClient, createClock, DAY, KAUTH, REDIRECT_URI, readJson } from "./support/client.ts";
import { expectFields, shapeOf } from "./support/shape.ts";

const items = (...ids: string[]) => ids.map((id) => ({ id, required: false }));
const EVERYTHING = items(
  ...["profile_nickname", "profile_image", "account_email", "name", "gender", "age_range", "birthday", "birthyear"],
  ...["phone_number", "account_ci", "talk_message"],
);

describe("the callback, character by character", () => {
  const fill = (location: string, code = "") =>
    location.replace("<REDIRECT_URI>", REDIRECT_URI).replace("<CODE>", code);
  const codeIn = (url: URL) => url.searchParams.get("code") ?? "";

  it("brings a code alone, or with the state that was sent", async () => {
    const { kakao, authorizeUrl } = createClient();
    const plain = await kakao.authorize(authorizeUrl());
    expect(plain.href).toBe(fill(callbacks.success.location, codeIn(plain)));
    const withState = await kakao.authorize(authorizeUrl({ state: "a b&c" }));
    expect(withState.href).toBe(fill(callbacks.success_with_state.location, codeIn(withState)));
    expectFields(Object.fromEntries(withState.searchParams), "callback");
  });

  it("is a 302 without a body", async () => {
    const { kakao, authorizeUrl } = createClient();
    const browser = kakao.createBrowser();
    await kakao.authorize(authorizeUrl(), { browser });
    await kakao.authorize(authorizeUrl(), { browser });
    expect(kakao.calls.at(-1)).toMatchObject({ path: "/oauth/authorize", status: callbacks.success.status });
  });

  it("says what the person refused", async () => {
    const { kakao, authorizeUrl } = createClient({ app: { refusesUnderFourteen: true } });
    const cancelled = await kakao.authorize(authorizeUrl(), { cancel: true });
    expect(cancelled.href).toBe(fill(callbacks.cancelled.location));
    const young = await kakao.authorize(authorizeUrl(), { person: UNDER_FOURTEEN });
    expect(young.href).toBe(fill(callbacks.under_fourteen.location));
  });

  it("says consent_required when nothing may be asked", async () => {
    const { kakao, authorizeUrl } = createClient();
    const browser = kakao.createBrowser();
    await kakao.authorize(authorizeUrl(), { cancel: true, browser });
    const silent = await kakao.authorize(authorizeUrl({ prompt: "none" }), { browser });
    expect(silent.href).toBe(fill(callbacks.not_linked.location));
  });
});

describe("the token endpoint", () => {
  it("answers a code as Kakao does", async () => {
    const app = { openIdConnect: false, consentItems: items("profile_nickname", "account_email") };
    const { obtainCode, postToken } = createClient({ app });
    const response = await postToken({ code: await obtainCode() });
    expect(response.headers.get("content-type")).toBe(tokens.content_type);
    const body = await readJson(response);
    expect(shapeOf(body)).toEqual(shapeOf(tokens.authorization_code));
    expectFields(body, "token");
    const { token_type, expires_in, refresh_token_expires_in, scope } = tokens.authorization_code;
    expect(body).toMatchObject({ token_type, expires_in, refresh_token_expires_in, scope });
  });

  it("adds an id_token with OpenID Connect", async () => {
    const clock = createClock();
    const { obtainCode, postToken } = createClient({ clock });
    const body = await readJson(await postToken({ code: await obtainCode({}, { nonce: "invented-nonce" }) }));
    expect(shapeOf(body)).toEqual(shapeOf(tokens.authorization_code_openid));
    const idToken = String(body.id_token);
    expect(shapeOf(decodeProtectedHeader(idToken))).toEqual(shapeOf(tokens.id_token_header));
    const claims = decodeJwt(idToken);
    expect(shapeOf(claims)).toEqual(shapeOf(tokens.id_token_payload));
    expectFields(claims, "id_token");
    expect(Number(claims.exp) - Number(claims.iat)).toBe(21_600);
  });

  it("refreshes with and without a new refresh token", async () => {
    const clock = createClock();
    const { logIn, postToken } = createClient({ app: { openIdConnect: false }, clock });
    const { refresh_token } = await logIn();
    const refresh = () => postToken({ grant_type: "refresh_token", refresh_token, redirect_uri: null });
    const early = await readJson(await refresh());
    expect(shapeOf(early)).toEqual(shapeOf(tokens.refresh));
    expectFields(early, "token_refresh");
    clock.time += 31 * DAY;
    const late = await readJson(await refresh());
    expect(shapeOf(late)).toEqual(shapeOf(tokens.refresh_renewed));
    expectFields(late, "token_refresh");
  });
});

describe("/v2/user/me", () => {
  const cases: [keyof typeof users, Person, KakaoApp["consentItems"]][] = [
    ["full", FULL_PROFILE, EVERYTHING],
    ["nickname_only", NO_EMAIL, items("profile_nickname")],
    ["email_not_agreed", NO_EMAIL, items("account_email")],
    ["email_unverified", UNVERIFIED_EMAIL, items("account_email")],
    ["email_invalid", INVALID_EMAIL, items("account_email")],
    ["old_profile_item", NO_EMAIL, items("profile")],
    ["bare", BARE, items("profile_nickname", "account_email")],
  ];

  it.each(cases)("%s", async (name, person, consentItems) => {
    const { logIn, callApi } = createClient({ app: { consentItems }, clock: createClock() });
    const { access_token } = await logIn({ person });
    const response = await callApi("/v2/user/me", access_token);
    expect(response.headers.get("content-type")).toBe(kapi.content_type);
    const body = await readJson(response);
    const fixture: Record<string, unknown> = users[name];
    expect(body).toEqual({ ...fixture, properties: person.properties ?? undefined });
    expectFields(body, "user_me");
    if (fixture.kakao_account === undefined) return;
    expectFields(body.kakao_account, "kakao_account");
    const { profile } = body.kakao_account as { profile?: unknown };
    if (profile !== undefined) expectFields(profile, "profile");
  });
});

describe("the other user APIs", () => {
  it.each([
    ["GET", "/v1/user/access_token_info", kapi.access_token_info, "access_token_info"],
    ["POST", "/v1/user/logout", kapi.logout, "id_only"],
    ["POST", "/v1/user/unlink", kapi.unlink, "id_only"],
    ["GET", "/v1/oidc/userinfo", kapi.userinfo, "userinfo"],
  ] as const)("%s %s", async (method, path, fixture, table) => {
    const { logIn, callApi } = createClient({ clock: createClock() });
    const { access_token } = await logIn();
    const response = await callApi(path, access_token, { method });
    expect(response.headers.get("content-type")).toBe(kapi.content_type);
    const body = await readJson(response);
    expect(body).toEqual(fixture);
    expectFields(body, table);
  });
});

describe("OpenID Connect documents", () => {
  it("publishes Kakao's discovery document", async () => {
    const { kakao } = createClient();
    const response = await kakao.fetch(new Request(`${KAUTH}/.well-known/openid-configuration`));
    expect(response.headers.get("content-type")).toBe(openid.content_type);
    expect(await readJson(response)).toEqual(openid.configuration);
  });

  it("publishes two keys and nothing private", async () => {
    const { kakao } = createClient();
    const response = await kakao.fetch(new Request(`${KAUTH}/.well-known/jwks.json`));
    expect(shapeOf(await readJson(response))).toEqual(shapeOf(openid.jwks));
  });

  it("reads an id_token back at tokeninfo", async () => {
    const { kakao, logIn } = createClient({ clock: createClock() });
    const { id_token } = await logIn({ person: BARE }, { nonce: "invented-nonce" });
    const body = new URLSearchParams({ id_token: id_token ?? "" });
    const response = await kakao.fetch(new Request(`${KAUTH}/oauth/tokeninfo`, { method: "POST", body }));
    expect(await readJson(response)).toEqual(openid.tokeninfo);
  });
});
