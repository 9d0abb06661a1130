import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readLoginRequest } from "../../../src/login/request.ts";

const read = (query: string) => readLoginRequest(new URLSearchParams(query));

const NOTHING = {
  redirectTo: null,
  prompt: [],
  loginHint: null,
  scope: [],
  serviceTerms: [],
  codeChallenge: null,
  state: null,
  sessionOnly: false,
};
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

describe("a login link may ask for", () => {
  test.each([
    ["nothing", "", {}],
    ["a return target, judged elsewhere", "redirect_to=https%3A%2F%2Fevil.test", { redirectTo: "https://evil.test" }],
    ["an empty target, which is not none", "redirect_to=", { redirectTo: "" }],
    ["a prompt", "prompt=login", { prompt: ["login"] }],
    ["two prompts", "prompt=login,create", { prompt: ["login", "create"] }],
    ["two prompts with a space", "prompt=login%20create", { prompt: ["login", "create"] }],
    ["no page at all", "prompt=none", { prompt: ["none"] }],
    ["another account", "prompt=select_account", { prompt: ["select_account"] }],
    ["an empty prompt", "prompt=", {}],
    ["a login hint", "login_hint=seoyun%40example.com", { loginHint: "seoyun@example.com" }],
    ["a Korean login hint", `login_hint=${encodeURIComponent("서윤")}`, { loginHint: "서윤" }],
    ["further consent", "scope=friends,talk_message", { scope: ["friends", "talk_message"] }],
    ["further consent, with spaces", "scope=friends+talk_message", { scope: ["friends", "talk_message"] }],
    ["terms of service", "service_terms=tag.1,tag-2", { serviceTerms: ["tag.1", "tag-2"] }],
    ["a state of its own", "state=a+b%26c", { state: "a b&c" }],
    ["a code to exchange", `code_challenge=${CHALLENGE}&code_challenge_method=S256`, { codeChallenge: CHALLENGE }],
    ["what we do not know", "utm_source=mail&utm_source=web&lang=ko", {}],
    ["20 items", `scope=${Array.from({ length: 20 }, (_, index) => `item_${index}`)}`, { scope: expect.any(Array) }],
    ["256 characters of hint", `login_hint=${"a".repeat(256)}`, { loginHint: "a".repeat(256) }],
    ["512 characters of state", `state=${"a".repeat(512)}`, { state: "a".repeat(512) }],
  ])("%s", (_, query, asked) => {
    expect(read(query)).toEqual({ ...NOTHING, ...asked });
  });
});

describe("a link that makes no sense is told so, by the parameter's name", () => {
  const rows: [reason: string, query: string, parameter: string][] = [
    ["an unknown prompt", "prompt=consent", "prompt"],
    ["a prompt in another case", "prompt=Login", "prompt"],
    ["none beside another prompt", "prompt=none,login", "prompt=none"],
    ["a line break in the hint", "login_hint=a%0d%0ab", "login_hint"],
    ["a NUL in the hint", "login_hint=a%00", "login_hint"],
    ["a hint of 257 characters", `login_hint=${"a".repeat(257)}`, "login_hint"],
    ["an item that ends the list of parameters", "scope=friends%26prompt%3Dnone", "scope"],
    ["an item with markup", "scope=<script>", "scope"],
    ["an item of 65 characters", `scope=${"a".repeat(65)}`, "scope"],
    ["21 items", `scope=${Array.from({ length: 21 }, (_, index) => `item_${index}`)}`, "scope"],
    ["terms with markup", "service_terms=<script>", "service_terms"],
    ["a line break in the state", "state=a%0ab", "state"],
    ["a state beyond ASCII", `state=${encodeURIComponent("서윤")}`, "state"],
    ["a state of 513 characters", `state=${"a".repeat(513)}`, "state"],
    ["the plain method (RFC 7636 section 4.3)", `code_challenge=${CHALLENGE}&code_challenge_method=plain`, "S256"],
    ["no method, which would mean plain", `code_challenge=${CHALLENGE}`, "S256"],
    ["a method in lower case", `code_challenge=${CHALLENGE}&code_challenge_method=s256`, "S256"],
    ["a method without a challenge", "code_challenge_method=S256", "code_challenge"],
    ["an empty challenge", "code_challenge=&code_challenge_method=S256", "code_challenge"],
    ["a short challenge", `code_challenge=${CHALLENGE.slice(1)}&code_challenge_method=S256`, "code_challenge"],
    ["a long challenge", `code_challenge=${CHALLENGE}A&code_challenge_method=S256`, "code_challenge"],
    ["a padded challenge", `code_challenge=${CHALLENGE}%3D&code_challenge_method=S256`, "code_challenge"],
    ["a challenge and a line break", `code_challenge=${CHALLENGE}%0A&code_challenge_method=S256`, "code_challenge"],
  ];
  test.each(rows)("%s", (_, query, parameter) => {
    expect(read(query)).toEqual({ problem: expect.stringContaining(parameter) });
  });

  test.each([
    "redirect_to",
    "prompt",
    "login_hint",
    "scope",
    "service_terms",
    "code_challenge",
    "code_challenge_method",
    "state",
  ])("%s sent twice (CWE-235)", (name) => {
    expect(read(`${name}=a&${name}=a`)).toEqual({ problem: `${name} was sent twice; send it once.` });
    expect(read(`${name}=&${name}=`)).toEqual({ problem: `${name} was sent twice; send it once.` });
  });
});

test("property: no query throws, and whatever is let through stays inside its limits", () => {
  const name = fc.constantFrom("redirect_to", "prompt", "login_hint", "scope", "service_terms", "state", "x");
  const value = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("login", "none", "login,none", "a,b"));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 5 }), (pairs) => {
      const request = readLoginRequest(new URLSearchParams(pairs));
      if ("problem" in request) return;
      expect(request.state ?? "").toMatch(/^[\x20-\x7e]{0,512}$/);
      expect(request.loginHint ?? "").not.toMatch(/\p{Cc}/u);
      for (const item of [...request.scope, ...request.serviceTerms]) expect(item).toMatch(/^[\w.-]{1,64}$/);
      expect(["login", "none", "create", "select_account"]).toEqual(expect.arrayContaining([...request.prompt]));
    }),
    { numRuns: 1_000 },
  );
});

test("property: a problem is one sentence of ours and quotes nothing of the link (CWE-79)", () => {
  const marker = "<b>stranger</b>";
  for (const name of ["prompt", "scope", "service_terms", "code_challenge", "code_challenge_method"]) {
    const request = read(new URLSearchParams({ [name]: marker }).toString());
    expect(request).toEqual({ problem: expect.not.stringContaining("stranger") });
  }
});
