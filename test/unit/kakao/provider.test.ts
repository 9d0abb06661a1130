import { lucia } from "lucia";
import { describe, expect, test, vi } from "vitest";
import { type CallbackOptions, kakao } from "../../../src/kakao/index.ts";
import { createKakao, DEFAULT_APP, FULL_PROFILE, type Kakao, NINETEEN_DIGITS } from "../../simulator/index.ts";
import { answerFetch } from "./fetch-double.ts";
import { inMemoryAdapter } from "./in-memory-adapter.ts";

// The extras that the page's calls leave out.

/** RFC 7636 appendix B. */
const RFC_VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const RFC_CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const newProvider = (scope?: string[]) =>
  kakao(lucia({ adapter: inMemoryAdapter().adapter, env: "PROD" }), {
    clientId: DEFAULT_APP.restApiKey,
    clientSecret: DEFAULT_APP.clientSecret ?? "",
    redirectUri: "https://auth.example.com/login/kakao/callback",
    ...(scope && { scope }),
  });

describe("getAuthorizationUrl(options)", () => {
  test("sends each extra under Kakao's name, lists with commas", async () => {
    const [url, state] = await newProvider(["account_email"]).getAuthorizationUrl({
      state: "my-state",
      codeVerifier: RFC_VERIFIER,
      nonce: "my-nonce",
      prompt: ["login", "create"],
      loginHint: "seoyun@example.com",
      scope: ["friends", "talk_message"],
      serviceTerms: ["service", "privacy"],
    });
    expect(state).toBe("my-state");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: "code",
      client_id: DEFAULT_APP.restApiKey,
      redirect_uri: "https://auth.example.com/login/kakao/callback",
      state: "my-state",
      nonce: "my-nonce",
      code_challenge: RFC_CHALLENGE,
      code_challenge_method: "S256",
      prompt: "login,create",
      login_hint: "seoyun@example.com",
      scope: "friends,talk_message",
      service_terms: "service,privacy",
    });
  });

  test("never sends the verifier itself", async () => {
    const [url] = await newProvider().getAuthorizationUrl({ codeVerifier: RFC_VERIFIER });
    expect(url.href).not.toContain(RFC_VERIFIER);
  });

  test("empty lists are not sent: an empty scope would be KOE205", async () => {
    const [url] = await newProvider([]).getAuthorizationUrl({ prompt: [], serviceTerms: [] });
    expect([...url.searchParams.keys()]).toEqual(["response_type", "client_id", "redirect_uri", "state"]);
  });
});

describe("validateCallback(code, options) at the simulated Kakao", () => {
  const login = async (options: CallbackOptions, prepare: (simulator: Kakao) => void = () => {}) => {
    const simulator = createKakao();
    answerFetch((request) => simulator.fetch(request));
    const kakaoAuth = newProvider();
    const [url] = await kakaoAuth.getAuthorizationUrl({ codeVerifier: RFC_VERIFIER, nonce: "the-nonce" });
    const callback = await simulator.authorize(url, { person: NINETEEN_DIGITS });
    prepare(simulator);
    return kakaoAuth.validateCallback(callback.searchParams.get("code") ?? "", options);
  };
  const good = { codeVerifier: RFC_VERIFIER, nonce: "the-nonce" };

  test("with verifier and nonce: the user, and the claims of the verified id_token", async () => {
    const { kakaoUserId, kakaoIdToken } = await login(good);
    expect(kakaoUserId).toBe(NINETEEN_DIGITS.id);
    expect(kakaoIdToken).toMatchObject({ sub: NINETEEN_DIGITS.id, aud: DEFAULT_APP.restApiKey, nonce: "the-nonce" });
  });

  test("another verifier: Kakao refuses the code (RFC 7636 section 4.6)", async () => {
    await expect(login({ ...good, codeVerifier: "a".repeat(43) })).rejects.toMatchObject({ code: "KOE313" });
  });

  test("another nonce: the id_token is of another login (CWE-294)", async () => {
    await expect(login({ ...good, nonce: "another" })).rejects.toMatchObject({ code: "id_token_nonce" });
  });

  test("an id_token of another person than the user document's (CWE-287)", async () => {
    const swap = (simulator: Kakao) =>
      simulator.faults.set("token", { kind: "claims", claims: { sub: FULL_PROFILE.id } });
    await expect(login(good, swap)).rejects.toMatchObject({ code: "id_token_sub" });
  });

  test("an id_token whose subject is the rounded number is another person's", async () => {
    const swap = (simulator: Kakao) =>
      simulator.faults.set("token", { kind: "claims", claims: { sub: String(Number(NINETEEN_DIGITS.id)) } });
    await expect(login(good, swap)).rejects.toMatchObject({ code: "id_token_sub" });
  });

  test("the caller's signal ends the login", async () => {
    const controller = new AbortController();
    const hang = (simulator: Kakao) => {
      simulator.faults.set("user", { kind: "hang" });
      const asked = () => expect(simulator.calls.map(({ path }) => path)).toContain("/v2/user/me");
      void vi.waitFor(asked, 2_000).then(() => controller.abort());
    };
    await expect(login({ ...good, signal: controller.signal }, hang)).rejects.toMatchObject({ code: "timeout" });
    // Sooner than the deadline of the call itself.
    expect(controller.signal.aborted).toBe(true);
  });
});

test.each([
  ["no access_token", { access_token: undefined }],
  ["an empty access_token", { access_token: "" }],
  ["no refresh_token", { refresh_token: undefined }],
  ["a lifetime as text", { expires_in: "21599" }],
  ["no lifetime", { expires_in: undefined }],
  ["a lifetime of zero", { expires_in: 0 }],
  ["a negative lifetime of the refresh token", { refresh_token_expires_in: -1 }],
  ["an id_token that is no text", { id_token: {} }],
  ["an empty id_token", { id_token: "" }],
])("a token answer with %s is refused before Kakao is asked for the user", async (_, change) => {
  const answer = { access_token: "a", expires_in: 1, refresh_token: "r", refresh_token_expires_in: 1, ...change };
  const requests = answerFetch(() => Response.json(answer));
  await expect(newProvider().validateCallback("code")).rejects.toMatchObject({ code: "unexpected_shape" });
  expect(requests).toHaveLength(1);
});
