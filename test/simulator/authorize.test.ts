import { describe, expect, it } from "vitest";
import { BARE, DEFAULT_APP, FULL_PROFILE, NO_EMAIL, ShownByKakao } from "./index.ts";
import { type Changes, createClient, createClock, DAY, MINUTE } from "./support/client.ts";

const NATIVE_KEY = DEFAULT_APP.nativeAppKeys[0] ?? "";

describe("set-up errors stay on Kakao's own page", () => {
  const cases: [string, string, Changes][] = [
    ["KOE101", "no client_id", { client_id: null }],
    ["KOE101", "an unknown client_id", { client_id: "nobody" }],
    ["KOE008", "a native app key on the web", { client_id: NATIVE_KEY }],
    ["KOE207", "no redirect_uri", { redirect_uri: null }],
    ["KOE006", "a redirect_uri that is not registered", { redirect_uri: "https://auth.example.com/elsewhere" }],
    ["KOE006", "one more slash", { redirect_uri: "https://auth.example.com/login/kakao/callback/" }],
    ["KOE006", "another case", { redirect_uri: "https://auth.example.com/login/Kakao/callback" }],
    ["KOE207", "no response_type", { response_type: null }],
    ["KOE202", "the implicit grant", { response_type: "token" }],
    ["KOE033", "response_type=id_token", { response_type: "id_token" }],
    ["KOE201", "another response_type", { response_type: "code token" }],
    ["KOE205", "a consent item that is not set up", { scope: "account_email,shipping_address" }],
    ["KOE204", "an unknown prompt", { prompt: "consent" }],
    ["KOE204", "prompt=none with another", { prompt: "none,login" }],
    ["KOE204", "a plain challenge", { code_challenge: "x".repeat(43), code_challenge_method: "plain" }],
    ["KOE204", "a challenge without its method", { code_challenge: "x".repeat(43) }],
    ["KOE204", "a challenge that is no digest", { code_challenge: "short", code_challenge_method: "S256" }],
    ["KOE204", "an unknown terms tag", { service_terms: "none_such" }],
  ];

  it.each(cases)("%s for %s", async (code, _, changes) => {
    const { kakao, authorizeUrl } = createClient();
    await expect(kakao.authorize(authorizeUrl(changes))).rejects.toThrow(new ShownByKakao(code));
    const response = await kakao.fetch(new Request(authorizeUrl(changes)));
    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
  });

  it("KOE205 for openid while OpenID Connect is off", async () => {
    const { kakao, authorizeUrl } = createClient({ app: { openIdConnect: false } });
    await expect(kakao.authorize(authorizeUrl({ scope: "openid" }))).rejects.toThrow("KOE205");
  });

  it("KOE001 for a parameter sent twice", async () => {
    const { kakao, authorizeUrl } = createClient();
    await expect(kakao.authorize(`${authorizeUrl()}&client_id=again`)).rejects.toThrow("KOE001");
  });

  it("CWE-79: escapes what the query brings into the page", async () => {
    const { kakao, authorizeUrl } = createClient();
    const attack = '"><script>alert(1)</script>';
    for (const name of ["redirect_uri", "client_id", "login_hint"]) {
      const response = await kakao.fetch(new Request(authorizeUrl({ [name]: attack })));
      expect(await response.text()).not.toContain("<script>");
    }
  });
});

describe("the person and their session at Kakao", () => {
  const sees = async (
    client: ReturnType<typeof createClient>,
    browser = client.kakao.createBrowser(),
    changes = {},
  ) => {
    const landing = await browser.open(client.authorizeUrl(changes));
    if ("away" in landing) return landing.away.searchParams.get("error") ?? "code";
    return landing.text.match(/<h1[^>]*>([^<]+)/)?.[1] ?? "nothing";
  };

  it("asks who it is, then goes straight back for 24 hours", async () => {
    const clock = createClock();
    const client = createClient({ clock });
    const browser = client.kakao.createBrowser();
    expect(await sees(client, browser)).toBe("카카오계정 로그인");
    await client.kakao.authorize(client.authorizeUrl(), { browser });
    expect(await sees(client, browser)).toBe("code");
    clock.time += DAY - MINUTE;
    expect(await sees(client, browser)).toBe("code");
    clock.time += 2 * MINUTE;
    expect(await sees(client, browser)).toBe("카카오계정 로그인");
  });

  it("asks each browser by itself", async () => {
    const client = createClient();
    await client.kakao.authorize(client.authorizeUrl());
    expect(await sees(client)).toBe("카카오계정 로그인");
  });

  it.each([
    ["login", "카카오계정 로그인"],
    ["select_account", "계정 선택"],
    ["login,select_account", "계정 선택"],
    ["create", "카카오계정 만들기"],
    ["none", "code"],
  ])("prompt=%s with a session leads to: %s", async (prompt, expected) => {
    const client = createClient();
    const browser = client.kakao.createBrowser();
    await client.kakao.authorize(client.authorizeUrl(), { browser });
    expect(await sees(client, browser, { prompt })).toBe(expected);
  });

  it("prompt=none without a session is login_required", async () => {
    const client = createClient();
    expect(await sees(client, undefined, { prompt: "none" })).toBe("login_required");
  });

  it("prompt=none is consent_required when scope names something new", async () => {
    const client = createClient();
    const browser = client.kakao.createBrowser();
    await client.kakao.authorize(client.authorizeUrl(), { browser });
    expect(await sees(client, browser, { prompt: "none", scope: "friends" })).toBe("consent_required");
  });

  it("prompt=select_account can change the person", async () => {
    const client = createClient();
    const browser = client.kakao.createBrowser();
    await client.kakao.authorize(client.authorizeUrl(), { browser, person: FULL_PROFILE });
    const { access_token } = await client.logIn({ browser, person: NO_EMAIL }, { prompt: "select_account" });
    expect(await (await client.callApi("/v2/user/me", access_token)).text()).toContain(NO_EMAIL.id);
  });

  it.each([
    ["prompt=create", { prompt: "create" }],
    ["the login page", {}],
  ])("%s makes an account from what is typed", async (_, changes) => {
    const client = createClient();
    const browser = client.kakao.createBrowser();
    const page = await browser.open(client.authorizeUrl(changes));
    if ("away" in page) throw new Error("no login page");
    const form = page.forms.find(({ fields }) => fields.some(([name]) => name === "login_id"));
    if (form === undefined) throw new Error("nothing to type into");
    const hidden = form.fields.filter(([name]) => name === "kauth_tx_id");
    await browser.submit(page, form, [...hidden, ["login_id", "new@example.com"], ["nickname", "새벽"]]);
    const { access_token } = await client.logIn({ browser });
    const user = await (await client.callApi("/v2/user/me", access_token)).text();
    expect(user).toContain('"nickname":"새벽"');
    expect(user).toContain('"email":"new@example.com"');
  });

  it("login_hint fills in the login page and puts that person first", async () => {
    const { kakao, authorizeUrl } = createClient();
    const response = await kakao.fetch(new Request(authorizeUrl({ login_hint: BARE.loginId })));
    const page = await response.text();
    expect(page).toContain(`name="login_id" value="${BARE.loginId}"`);
    expect(page.match(/name="person" value="(\d+)"/)?.[1]).toBe(BARE.id);
  });

  it("CWE-352: a consent page belongs to the person who logged in for it", async () => {
    const { kakao, authorizeUrl } = createClient();
    const [victim, stranger] = [kakao.createBrowser(), kakao.createBrowser()];
    await kakao.authorize(authorizeUrl(), { browser: stranger, person: NO_EMAIL });
    const login = await victim.open(authorizeUrl());
    if ("away" in login || login.forms[0] === undefined) throw new Error("no login page");
    const consent = await victim.submit(login, login.forms[0], [...login.forms[0].fields, ["person", FULL_PROFILE.id]]);
    if ("away" in consent || consent.forms[0] === undefined) throw new Error("no consent page");
    const [form] = consent.forms;
    const agreed: [string, string][] = [...form.fields, ["decision", "agree"]];
    await expect(stranger.open(consent.url)).rejects.toThrow("expired");
    await expect(stranger.submit(consent, form, agreed)).rejects.toThrow("expired");
    expect(await victim.submit(consent, form, agreed)).toHaveProperty("away");
    await expect(victim.submit(consent, form, agreed)).rejects.toThrow("expired");
  });
});

describe("consent", () => {
  const asked = async (
    client: ReturnType<typeof createClient>,
    browser = client.kakao.createBrowser(),
    changes = {},
  ) => {
    const landing = await browser.open(client.authorizeUrl(changes));
    if ("away" in landing) return null;
    const form = landing.forms.find(({ action }) => action === "/consent");
    return form === undefined ? null : [...landing.text.matchAll(/name="agree" value="([^"]+)"/g)].map(([, id]) => id);
  };
  const CONSOLE_SET = DEFAULT_APP.consentItems.filter((item) => item.onUse !== true).map(({ id }) => id);

  it("asks the console's set at the first login and nothing at the second", async () => {
    const client = createClient();
    const browser = client.kakao.createBrowser();
    await client.kakao.authorize(client.authorizeUrl(), { browser, cancel: true });
    expect(await asked(client, browser)).toEqual(CONSOLE_SET);
    await client.kakao.authorize(client.authorizeUrl(), { browser });
    expect(await asked(client, browser)).toBeNull();
  });

  it("does not ask an optional item again that was left out, unless scope names it", async () => {
    const client = createClient();
    const browser = client.kakao.createBrowser();
    await client.kakao.authorize(client.authorizeUrl(), { browser, person: NO_EMAIL });
    expect(await asked(client, browser)).toBeNull();
    expect(await asked(client, browser, { scope: "account_email" })).toEqual(["account_email"]);
  });

  it.each(["gender,friends", "gender friends"])("takes scope=%s and asks only what is new", async (scope) => {
    const client = createClient();
    const browser = client.kakao.createBrowser();
    await client.kakao.authorize(client.authorizeUrl(), { browser });
    expect(await asked(client, browser, { scope })).toEqual(["friends"]);
  });

  it("asks no required item away", async () => {
    const { kakao, authorizeUrl } = createClient();
    await expect(kakao.authorize(authorizeUrl(), { agree: ["account_email"] })).rejects.toThrow("required");
  });

  it("gives what was ticked and no more", async () => {
    const { logIn } = createClient();
    const { scope } = await logIn({ agree: ["profile_nickname", "gender"] });
    expect(scope).toBe("profile_nickname gender openid");
  });

  it("leaves openid and the id_token out when scope does", async () => {
    const { logIn } = createClient();
    const tokens = await logIn({}, { scope: "account_email" });
    expect(tokens.scope).toBe("profile_nickname account_email");
    expect(tokens).not.toHaveProperty("id_token");
    expect(await logIn({}, { scope: "openid account_email" })).toHaveProperty("id_token");
  });

  it("shows service terms only when a required one is among them", async () => {
    const serviceTerms = [
      { tag: "service_2026", title: "이용약관", required: true },
      { tag: "news", title: "소식 받기", required: false },
    ];
    const client = createClient({ app: { serviceTerms } });
    const browser = client.kakao.createBrowser();
    await client.kakao.authorize(client.authorizeUrl(), { browser });
    expect(await asked(client, browser, { service_terms: "news" })).toBeNull();
    const both = { service_terms: "service_2026,news" };
    expect(await asked(client, browser, both)).toEqual(["terms:service_2026", "terms:news"]);
    await client.kakao.authorize(client.authorizeUrl(both), { browser });
    expect(await asked(client, browser, both)).toBeNull();
  });
});
