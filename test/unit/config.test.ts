import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { configOf, ENV, expectProblem, KEY, problemOf, problemsOf } from "./config-environment.ts";

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

test("the least that must be set gives these defaults", () => {
  const { keyring, ...config } = configOf({});
  expect(keyring.secrets).toEqual([new Uint8Array(Buffer.alloc(32, 7))]);
  expect(config).toEqual({
    authOrigin: "https://auth.shop.co.kr",
    frontends: [{ kind: "exact", origin: "https://app.shop.co.kr" }],
    defaultReturnUrl: "https://app.shop.co.kr/",
    kakao: {
      clientId: "the-rest-api-key",
      clientSecret: "the-client-secret",
      redirectUri: "https://auth.shop.co.kr/login/kakao/callback",
      scope: [],
      authOrigin: "https://kauth.kakao.com",
      apiOrigin: "https://kapi.kakao.com",
    },
    cookieDomain: null,
    revocationLag: 5000,
    readReplicas: false,
    tokenAudiences: [],
    session: { active: 24 * HOUR, idle: 14 * DAY, absolute: 90 * DAY },
  });
});

describe("what is needed", () => {
  test.each([
    ["AUTH_ORIGIN", "https://auth.example.com"],
    ["FRONTEND_ORIGINS", "https://app.example.com"],
    ["KAKAO_CLIENT_ID", "REST API key"],
    ["KAKAO_CLIENT_SECRET", "wrangler secret put KAKAO_CLIENT_SECRET"],
    ["AUTH_SECRET", "openssl rand 32"],
  ])("%s: missing, null, empty and blank are the same, and the fix is named", (variable, fix) => {
    for (const value of [undefined, null, "", " ", "\n\t"]) expectProblem(variable, value, fix);
  });

  test("DB", () => {
    for (const value of [undefined, null, "", "DB", 5]) expectProblem("DB", value, "wrangler.toml");
  });

  test.each(["FRONTEND_ORIGINS", "AUTH_SECRET"])("%s that lists nothing is a problem too", (variable) => {
    for (const value of [",", " , ,", ",\n,"]) expectProblem(variable, value);
  });

  test("an empty environment: everything at once, each variable named once", () => {
    const variables = problemsOf({}).map(({ variable }) => variable);
    expect(variables.sort()).toEqual(
      ["AUTH_ORIGIN", "AUTH_SECRET", "DB", "FRONTEND_ORIGINS", "KAKAO_CLIENT_ID", "KAKAO_CLIENT_SECRET"].sort(),
    );
  });

  test("a problem in one variable hides none in another", () => {
    const wrong = {
      AUTH_ORIGIN: "auth",
      FRONTEND_ORIGINS: "app http://x.test",
      AUTH_SECRET: "short",
      COOKIE_DOMAIN: "x",
    };
    const more = { SESSION_IDLE_DAYS: "x", KAKAO_APP_ID: "x", ON_KAKAO_UNLINK: "x", KAKAO_API_ORIGIN: "x" };
    const variables = problemsOf({ ...ENV, ...wrong, ...more }).map(({ variable }) => variable);
    for (const variable of Object.keys({ ...wrong, ...more })) expect(variables).toContain(variable);
    expect(variables.filter((variable) => variable === "FRONTEND_ORIGINS")).toHaveLength(2);
  });
});

describe("AUTH_SECRET", () => {
  const other = Buffer.alloc(48, 9).toString("base64url");
  test.each([
    ["one key", KEY, 1],
    ["two keys", `${KEY},${other}`, 2],
    ["two keys on two lines", `${KEY}\n${other}\n`, 2],
    ["padded, as basenc prints it", `${KEY}=`, 1],
    ["longer than needed", Buffer.alloc(256, 1).toString("base64url"), 1],
  ])("may be %s", (_, value, count) => {
    expect(configOf({ AUTH_SECRET: value }).keyring.secrets).toHaveLength(count);
  });

  test("keeps the order: the first key seals", () => {
    const [first] = configOf({ AUTH_SECRET: `${other},${KEY}` }).keyring.secrets;
    expect(first).toEqual(new Uint8Array(Buffer.alloc(48, 9)));
  });

  test.each([
    ["31 bytes (CWE-326)", Buffer.alloc(31, 1).toString("base64url")],
    ["a short second key", `${KEY},c2hvcnQ`],
    ["hexadecimal with a colon", "aa:bb:".repeat(20)],
    ["plain base64", `${"+/".repeat(21)}A=`],
    ["a passphrase with spaces", "correct horse battery staple correct horse battery staple"],
    ["other characters", "비밀번호".repeat(20)],
  ])("may not be %s, and the fix does not repeat it (CWE-532)", (_, value) => {
    expectProblem("AUTH_SECRET", value, "32 random bytes");
    expect(problemOf({ AUTH_SECRET: value })?.fix).not.toContain(value.slice(0, 12));
  });
});

describe("lifetimes", () => {
  test.each([
    ["SESSION_ACTIVE_HOURS", "1", { active: HOUR }],
    ["SESSION_IDLE_DAYS", "30", { idle: 30 * DAY }],
    ["SESSION_ABSOLUTE_DAYS", " 400 ", { absolute: 400 * DAY }],
    ["REVOCATION_LAG_SECONDS", "0", {}],
  ])("%s may be %s", (variable, value, lifetimes) => {
    expect(configOf({ [variable]: value }).session).toMatchObject(lifetimes);
  });

  test.each(["SESSION_ACTIVE_HOURS", "SESSION_IDLE_DAYS", "SESSION_ABSOLUTE_DAYS"])("%s is at least 1", (variable) => {
    expectProblem(variable, "0", "from 1 to");
  });

  test.each(["SESSION_ACTIVE_HOURS", "SESSION_IDLE_DAYS", "SESSION_ABSOLUTE_DAYS", "REVOCATION_LAG_SECONDS"])(
    "%s is a whole number within its limits",
    (variable) => {
      for (const value of ["x", "1.5", "-1", "1e3", "0x10", "99999", "9999999", "Infinity", "NaN", "1 2", "١"]) {
        expectProblem(variable, value, "whole number from");
      }
    },
  );
});

describe("D1_READ_REPLICAS", () => {
  test.each([
    ["true", { readReplicas: true }],
    ["false", { readReplicas: false }],
    ["", { readReplicas: false }],
  ])("may be %j", (value, expected) => {
    expect(configOf({ D1_READ_REPLICAS: value })).toMatchObject(expected);
  });

  test("may be nothing else, and the fix says what", () => {
    for (const value of ["TRUE", "True", "yes", "no", "1", "0", "on", "auto", "truefalse", '"true"', "false,true"]) {
      expectProblem("D1_READ_REPLICAS", value, '"true" or "false"');
    }
  });

  test("counts for nothing where each check reads D1 anew", () => {
    expect(configOf({ D1_READ_REPLICAS: "true", REVOCATION_LAG_SECONDS: "0" }).readReplicas).toBe(false);
  });
});

describe("every variable", () => {
  const TEXTS = [
    ...Object.keys(ENV).filter((name) => name !== "DB"),
    "DEFAULT_RETURN_URL",
    "KAKAO_REDIRECT_URI",
    "KAKAO_SCOPE",
    "KAKAO_AUTH_ORIGIN",
    "KAKAO_API_ORIGIN",
    "KAKAO_APP_ID",
    "COOKIE_DOMAIN",
    "SESSION_ACTIVE_HOURS",
    "SESSION_IDLE_DAYS",
    "SESSION_ABSOLUTE_DAYS",
    "REVOCATION_LAG_SECONDS",
    "ON_KAKAO_UNLINK",
    "D1_READ_REPLICAS",
  ];

  test.each(TEXTS)("%s that is no text, as a number in wrangler.toml, is one problem", (variable) => {
    for (const value of [5, true, {}, []]) expectProblem(variable, value, "text");
  });

  test("property: no environment throws, and no problem repeats a secret (CWE-532)", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(",", " ", "https://a.test", "https://*.a.test", "*", KEY, undefined, null, 5),
    );
    const env = fc.dictionary(fc.constantFrom(...TEXTS), value, { maxKeys: 3 });
    const secret = "s3cret-that-stays-hidden";
    fc.assert(
      fc.property(env, fc.boolean(), (change, isWhole) => {
        const secrets = { KAKAO_CLIENT_SECRET: secret, KAKAO_ADMIN_KEY: secret, AUTH_SECRET: secret };
        const result = readConfig({ ...(isWhole ? ENV : {}), ...change, ...secrets });
        expect("problems" in result && JSON.stringify(result.problems)).not.toContain(secret);
        expect(() => readConfig({ ...(isWhole ? ENV : {}), ...change })).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });
});
