import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectError, NAVIGATION } from "./support/answers.ts";
import { newBrowser } from "./support/browser.ts";
import { AUTH, SHOP, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.close());

const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const RETURN = `redirect_to=${encodeURIComponent(`${SHOP}/welcome`)}`;

describe("what a login link hands to Kakao", () => {
  it.each([
    [{ prompt: "login" }, { prompt: "login" }],
    [{ prompt: "select_account" }, { prompt: "select_account" }],
    [{ prompt: "create" }, { prompt: "create" }],
    [{ prompt: "none" }, { prompt: "none" }],
    [{ prompt: "select_account login" }, { prompt: "select_account,login" }],
    [{ login_hint: "seoyun@example.com" }, { login_hint: "seoyun@example.com" }],
    [{ login_hint: "+82 10-0000-1234" }, { login_hint: "+82 10-0000-1234" }],
    [{ scope: "account_email" }, { scope: "account_email" }],
    [{ scope: "account_email,friends account_email" }, { scope: "account_email,friends" }],
    [{ service_terms: "tos_2026,privacy.v2" }, { service_terms: "tos_2026,privacy.v2" }],
    [{ prompt: "", login_hint: "", scope: "", service_terms: "", state: "" }, {}],
  ])("%o becomes %o", async (query, handed) => {
    const kakao = await newBrowser(worker).start(query);
    const { prompt, login_hint, scope, service_terms } = Object.fromEntries(kakao.searchParams);
    const all = { prompt, login_hint, scope, service_terms };
    expect(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))).toEqual(handed);
  });

  it("is never a parameter that belongs to this service (CWE-472)", async () => {
    const wished = {
      client_id: "ffffffffffffffffffffffffffffffff",
      redirect_uri: "https://evil.test/",
      response_type: "token",
      nonce: "chosen-by-somebody",
      state: "chosen-by-somebody",
      utm_source: "mail",
    };
    const kakao = await newBrowser(worker).start(wished);
    const sent = Object.fromEntries(kakao.searchParams);
    expect(sent).toMatchObject({ response_type: "code", redirect_uri: `${AUTH}/login/kakao/callback` });
    for (const [name, value] of Object.entries(wished)) expect(sent[name]).not.toBe(value);
    expect(sent.utm_source).toBeUndefined();
  });

  it("is new for every attempt", async () => {
    const browser = newBrowser(worker);
    const started = [await browser.start(), await browser.start()];
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(new Set(started.map((kakao) => kakao.searchParams.get(name))).size).toBe(2);
    }
  });
});

const many = (count: number, item: string) => Array.from({ length: count }, () => item).join(",");

const REFUSED: [why: string, query: string, says: RegExp][] = [
  ["redirect_to twice (CWE-235)", `${RETURN}&${RETURN}`, /^redirect_to/],
  ["prompt twice (RFC 6749 section 3.1)", "prompt=login&prompt=login", /^prompt/],
  ["login_hint twice", "login_hint=a&login_hint=b", /^login_hint/],
  ["scope twice", "scope=account_email&scope=account_email", /^scope/],
  ["service_terms twice", "service_terms=a&service_terms=b", /^service_terms/],
  ["state twice", "state=a&state=a", /^state/],
  ["state twice, once empty", "state=&state=a", /^state/],
  ["state twice, once percent-encoded", "state=a&st%61te=b", /^state/],
  ["code_challenge twice", `code_challenge=${CHALLENGE}&code_challenge=${CHALLENGE}`, /^code_challenge/],
  ["code_challenge_method twice", "code_challenge_method=S256&code_challenge_method=S256", /^code_challenge_method/],
  ["prompt=none beside another", "prompt=none,login", /^prompt=none/],
  ["prompt=none beside another, by space", "prompt=login%20none", /^prompt=none/],
  ["an unknown prompt", "prompt=consent", /^prompt/],
  ["a prompt in capitals", "prompt=LOGIN", /^prompt/],
  ["a prompt named like a property of every object", "prompt=constructor", /^prompt/],
  ["plain PKCE (RFC 7636 section 7.2)", `code_challenge=${CHALLENGE}&code_challenge_method=plain`, /S256/],
  ["a challenge without its method, which would mean plain", `code_challenge=${CHALLENGE}`, /S256/],
  ["a method in lower case", `code_challenge=${CHALLENGE}&code_challenge_method=s256`, /S256/],
  ["a method without a challenge", "code_challenge_method=S256", /code_challenge/],
  ["an empty challenge", "code_challenge=&code_challenge_method=S256", /code_challenge/],
  ["a short challenge", `code_challenge=${CHALLENGE.slice(1)}&code_challenge_method=S256`, /code_challenge/],
  ["a long challenge", `code_challenge=${CHALLENGE}A&code_challenge_method=S256`, /code_challenge/],
  ["a padded challenge", `code_challenge=${CHALLENGE.slice(1)}%3D&code_challenge_method=S256`, /code_challenge/],
  ["a challenge in plain base64", `code_challenge=${CHALLENGE.slice(1)}%2B&code_challenge_method=S256`, /code_chall/],
  ["a NUL in login_hint (CWE-158)", "login_hint=a%00b", /^login_hint/],
  ["a line break in login_hint (CWE-93)", "login_hint=a%0d%0aSet-Cookie:x", /^login_hint/],
  ["an endless login_hint", `login_hint=${"a".repeat(257)}`, /^login_hint/],
  ["a tag in scope (CWE-79)", "scope=<script>", /^scope/],
  ["a control character in scope", "scope=account%07email", /^scope/],
  ["too many items in scope", `scope=${many(21, "a")}`, /^scope/],
  ["another parameter inside service_terms (CWE-88)", "service_terms=a%26prompt%3Dnone", /^service_terms/],
  ["a line break in state", "state=a%0ab", /^state/],
  ["a state beyond ASCII", "state=%EC%83%81%ED%83%9C", /^state/],
  ["an endless state", `state=${"s".repeat(513)}`, /^state/],
];

describe("a login link with a parameter that makes no sense", () => {
  it.each(REFUSED)("is a 400 that names it: %s", async (_why, query, says) => {
    for (const path of ["/login/kakao", "/"]) {
      const answer = await worker.fetch(`${path}?${query}`);
      expect(await expectError(answer, 400, "invalid_request")).toMatch(says);
      expect(answer.headers.get("Location")).toBeNull();
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  it.each(REFUSED)("is a page for a person, without what the link said: %s", async (_why, query) => {
    const answer = await worker.fetch(`/login/kakao?${query}`, { headers: NAVIGATION });
    const page = await answer.text();
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([400, "text/html; charset=UTF-8"]);
    expect(answer.headers.get("Location")).toBeNull();
    expect(page).not.toContain("<script");
    expect(page).toMatch(/<h1>[^<]+<\/h1>/);
  });
});
