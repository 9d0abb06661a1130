import { describe, expect, it } from "vitest";
import errors from "./fixtures/token-errors.json" with { type: "json" };
import { DEFAULT_APP, NO_EMAIL } from "./index.ts";
import {
  CHALLENGE,
  createClient,
  createClock,
  DAY,
  KAUTH,
  MINUTE,
  REDIRECT_URI,
  readJson,
  VERIFIER,
} from "./support/client.ts";
import { expectFields } from "./support/shape.ts";

const expectError = async (
  response: Response,
  code: keyof typeof errors,
  filled: Record<string, string> = {},
): Promise<void> => {
  const { status, body } = errors[code];
  const description = body.error_description.replace(/<(\w+)>/g, (_, name: string) => filled[name] ?? "");
  const answer = await readJson(response, status);
  expect(answer).toEqual({ ...body, error_description: description });
  expectFields(answer, "kauth_error");
};

const OTHER_APP = { ...DEFAULT_APP, appId: 2, restApiKey: "other-key", clientSecret: "other-secret" };

describe("the client", () => {
  it.each([
    ["a wrong secret", { client_secret: "wrong" }],
    ["no secret", { client_secret: null }],
  ])("KOE010 for %s, and the code stays good", async (_, changes) => {
    const { obtainCode, postToken } = createClient();
    const code = await obtainCode();
    await expectError(await postToken({ code, ...changes }), "KOE010");
    expect((await postToken({ code })).status).toBe(200);
  });

  it("needs no secret where the operator switched it off", async () => {
    const { obtainCode, postToken } = createClient({ app: { clientSecret: null } });
    expect((await postToken({ code: await obtainCode(), client_secret: null })).status).toBe(200);
  });

  it("KOE101 for an unknown client_id", async () => {
    const { postToken } = createClient();
    await expectError(await postToken({ client_id: "nobody" }), "KOE101", { CLIENT_ID: "nobody" });
  });

  it("KOE101 [null] for HTTP Basic: Kakao reads the body alone", async () => {
    const { app, obtainCode, postToken } = createClient();
    const authorization = `Basic ${btoa(`${app.restApiKey}:${app.clientSecret}`)}`;
    const changes = { code: await obtainCode(), client_id: null, client_secret: null };
    await expectError(await postToken(changes, { authorization }), "KOE101", { CLIENT_ID: "null" });
  });

  it("401 for a JSON body", async () => {
    const { kakao, app } = createClient();
    const body = JSON.stringify({ grant_type: "authorization_code", client_id: app.restApiKey });
    const headers = { "content-type": "application/json" };
    const request = new Request(`${KAUTH}/oauth/token`, { method: "POST", body, headers });
    await expectError(await kakao.fetch(request), "KOE101", { CLIENT_ID: "null" });
  });

  it("KOE310 for another grant type, or none", async () => {
    const { postToken } = createClient();
    await expectError(await postToken({ grant_type: "client_credentials" }), "KOE310");
    await expectError(await postToken({ grant_type: null }), "KOE310");
  });
});

describe("the authorization code", () => {
  it("is good once, of 20 parallel exchanges exactly one succeeds", async () => {
    const { obtainCode, postToken } = createClient();
    const code = await obtainCode();
    const answers = await Promise.all(Array.from({ length: 20 }, () => postToken({ code })));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      await expectError(answer, "KOE320", { CODE: code });
    }
  });

  it("KOE320 for one that was never given", async () => {
    const { postToken } = createClient();
    await expectError(await postToken({ code: "made-up" }), "KOE320", { CODE: "made-up" });
    await expectError(await postToken(), "KOE320", { CODE: "null" });
  });

  it("lives 10 minutes", async () => {
    const clock = createClock();
    const { obtainCode, postToken } = createClient({ clock });
    const [early, late] = [await obtainCode(), await obtainCode()];
    clock.time += 10 * MINUTE - 1;
    expect((await postToken({ code: early })).status).toBe(200);
    clock.time += 1;
    await expectError(await postToken({ code: late }), "KOE320", { CODE: late });
  });

  it("KOE303 for another redirect_uri, or none", async () => {
    const { obtainCode, postToken } = createClient();
    await expectError(await postToken({ code: await obtainCode(), redirect_uri: `${REDIRECT_URI}/` }), "KOE303");
    await expectError(await postToken({ code: await obtainCode(), redirect_uri: null }), "KOE303");
  });

  it("KOE114 for another app's code, which stays good for its own", async () => {
    const { obtainCode, postToken } = createClient({ others: [OTHER_APP] });
    const code = await obtainCode();
    await expectError(await postToken({ code, client_id: "other-key", client_secret: "other-secret" }), "KOE114");
    expect((await postToken({ code })).status).toBe(200);
  });
});

describe("PKCE (RFC 7636)", () => {
  const challenged = { code_challenge: CHALLENGE, code_challenge_method: "S256" };

  it("takes the verifier of the challenge", async () => {
    const { obtainCode, postToken } = createClient();
    const code = await obtainCode({}, challenged);
    expect((await postToken({ code, code_verifier: VERIFIER })).status).toBe(200);
  });

  it.each([
    ["another verifier", VERIFIER.replace("d", "e")],
    ["the challenge itself", CHALLENGE],
    ["a verifier out of form", "short"],
    ["no verifier", null],
  ])("KOE313 for %s, and the code is spent", async (_, code_verifier) => {
    const { obtainCode, postToken } = createClient();
    const code = await obtainCode({}, challenged);
    await expectError(await postToken({ code, code_verifier }), "KOE313");
    await expectError(await postToken({ code, code_verifier: VERIFIER }), "KOE320", { CODE: code });
  });
});

describe("the refresh token", () => {
  const refreshing = (refresh_token: string | null) => ({ grant_type: "refresh_token", refresh_token });

  it("stays the same with a month or more left, and is replaced later", async () => {
    const clock = createClock();
    const { logIn, postToken } = createClient({ clock });
    const { refresh_token } = await logIn();
    clock.time += 30 * DAY;
    expect(await readJson(await postToken(refreshing(refresh_token)))).not.toHaveProperty("refresh_token");
    clock.time += MINUTE;
    const renewed = await readJson(await postToken(refreshing(refresh_token)));
    expect(renewed.refresh_token).not.toBe(refresh_token);
    await expectError(await postToken(refreshing(refresh_token)), "KOE322");
    expect((await postToken(refreshing(String(renewed.refresh_token)))).status).toBe(200);
  });

  it("brings an id_token when the login did", async () => {
    const { logIn, postToken } = createClient();
    const withOpenId = await logIn();
    expect(await readJson(await postToken(refreshing(withOpenId.refresh_token)))).toHaveProperty("id_token");
    const without = await logIn({}, { scope: "account_email" });
    expect(await readJson(await postToken(refreshing(without.refresh_token)))).not.toHaveProperty("id_token");
  });

  it("KOE319 when it is missing", async () => {
    const { postToken } = createClient();
    await expectError(await postToken(refreshing(null)), "KOE319");
  });

  it("KOE322 when it is unknown, expired or another app's", async () => {
    const clock = createClock();
    const { logIn, postToken } = createClient({ clock, others: [OTHER_APP] });
    await expectError(await postToken(refreshing("made-up")), "KOE322");
    const { refresh_token } = await logIn();
    const other = { client_id: "other-key", client_secret: "other-secret" };
    await expectError(await postToken({ ...refreshing(refresh_token), ...other }), "KOE322");
    clock.time += 61 * DAY;
    await expectError(await postToken(refreshing(refresh_token)), "KOE322");
  });
});

describe("the quota, where an app enforces it", () => {
  it("KOE237 for the 21st access token of one person in 10 minutes", async () => {
    const clock = createClock();
    const { logIn, obtainCode, postToken } = createClient({ app: { limitsTokens: true }, clock });
    for (let count = 0; count < 20; count += 1) await logIn();
    await expectError(await postToken({ code: await obtainCode() }), "KOE237");
    await logIn({ person: NO_EMAIL });
    clock.time += 10 * MINUTE;
    await logIn();
  });
});
