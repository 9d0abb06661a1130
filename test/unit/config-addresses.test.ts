import { describe, expect, test } from "vitest";
import { configOf, ENV, expectProblem, problemOf } from "./config-environment.ts";

describe("origins", () => {
  test.each([
    "https://auth.shop.co.kr",
    "https://auth.shop.co.kr:8443",
    "http://localhost:8787",
    "http://127.0.0.1:8787",
    "http://[::1]:8787",
  ])("AUTH_ORIGIN may be %s", (origin) => {
    expect(configOf({ AUTH_ORIGIN: origin })).toMatchObject({
      authOrigin: origin,
      kakao: { redirectUri: `${origin}/login/kakao/callback` },
    });
  });

  test.each(["AUTH_ORIGIN", "KAKAO_AUTH_ORIGIN", "KAKAO_API_ORIGIN"])(
    "%s is one origin, over TLS or on loopback",
    (variable) => {
      expectProblem(variable, "https://auth.shop.co.kr/", "write https://auth.shop.co.kr");
      expectProblem(variable, "https://auth.shop.co.kr/path", "write https://auth.shop.co.kr");
      expectProblem(variable, "https://AUTH.shop.co.kr", "write https://auth.shop.co.kr");
      expectProblem(variable, "https://user@auth.shop.co.kr", "write https://auth.shop.co.kr");
      for (const value of [
        "http://auth.shop.co.kr",
        "auth.shop.co.kr",
        "ftp://a",
        "https://",
        "https://a https://b",
        "*",
      ]) {
        expectProblem(variable, value, "https: origin");
      }
    },
  );

  test("FRONTEND_ORIGINS is separated by white space or commas", () => {
    const list = " https://app.shop.co.kr,https://b.shop.co.kr\n\thttp://localhost:5173 , https://*.myproj.pages.dev ";
    expect(configOf({ FRONTEND_ORIGINS: list }).frontends).toEqual([
      { kind: "exact", origin: "https://app.shop.co.kr" },
      { kind: "exact", origin: "https://b.shop.co.kr" },
      { kind: "exact", origin: "http://localhost:5173" },
      { kind: "wildcard", protocol: "https:", parent: "myproj.pages.dev", port: "" },
    ]);
  });

  test.each([
    "https://*.pages.dev",
    "https://*.co.kr",
    "https://*.github.io",
    "https://*",
    "*",
    "http://a.test",
    "null",
    "https://a.test/",
  ])("FRONTEND_ORIGINS refuses %s and quotes it (CWE-346)", (entry) => {
    expectProblem("FRONTEND_ORIGINS", `https://app.shop.co.kr ${entry}`, `"${entry}"`);
  });
});

describe("DEFAULT_RETURN_URL", () => {
  test("is the first exact front end when unset", () => {
    expect(configOf({ FRONTEND_ORIGINS: "https://*.a.test https://b.a.test https://c.a.test" }).defaultReturnUrl).toBe(
      "https://b.a.test/",
    );
  });

  test("is needed when there is no exact one", () => {
    const problem = problemOf({ FRONTEND_ORIGINS: "https://*.myproj.pages.dev" });
    expect(problem).toEqual({ variable: "DEFAULT_RETURN_URL", fix: expect.stringContaining("no exact origin") });
  });

  test.each([
    ["https://app.shop.co.kr/welcome?x=1#y", "https://app.shop.co.kr/welcome?x=1#y"],
    ["https://app.shop.co.kr", "https://app.shop.co.kr/"],
  ])("may be %s", (value, href) => {
    expect(configOf({ DEFAULT_RETURN_URL: value }).defaultReturnUrl).toBe(href);
  });

  test.each([
    "https://evil.test/",
    "https://app.shop.co.kr.evil.test/",
    "https://auth.shop.co.kr/",
    "https://user:pass@app.shop.co.kr/",
    "http://app.shop.co.kr/",
    "javascript:alert(1)",
    "/welcome",
  ])("may not be %s, as no login could lead there (CWE-601)", (value) => {
    expectProblem("DEFAULT_RETURN_URL", value, "under one of FRONTEND_ORIGINS");
  });

  test("may not be the auth host, even where a wildcard covers it", () => {
    const change = { FRONTEND_ORIGINS: "https://*.shop.co.kr", DEFAULT_RETURN_URL: "https://auth.shop.co.kr/" };
    expect(problemOf(change)?.variable).toBe("DEFAULT_RETURN_URL");
  });

  test("may not be longer than a login accepts: every login without a target would be refused", () => {
    expectProblem("DEFAULT_RETURN_URL", "https://app.shop.co.kr/".padEnd(2049, "a"));
  });

  test("is no front end that is the auth host itself, though it stands first", () => {
    const origins = `${ENV.AUTH_ORIGIN} https://app.shop.co.kr`;
    expect(configOf({ FRONTEND_ORIGINS: origins }).defaultReturnUrl).toBe("https://app.shop.co.kr/");
    expect(problemOf({ FRONTEND_ORIGINS: ENV.AUTH_ORIGIN })?.variable).toBe("DEFAULT_RETURN_URL");
  });
});

describe("Kakao", () => {
  test.each([
    ["https://auth.shop.co.kr/other/callback", true],
    ["http://localhost:8787/login/kakao/callback", true],
    ["http://auth.shop.co.kr/login/kakao/callback", false],
    ["https://auth.shop.co.kr/callback?x=1", false],
    ["https://auth.shop.co.kr/callback?", false],
    ["https://auth.shop.co.kr/callback#x", false],
    ["https://user:pass@auth.shop.co.kr/callback", false],
    ["/login/kakao/callback", false],
  ])("KAKAO_REDIRECT_URI %s: %s", (value, isGood) => {
    if (isGood) expect(configOf({ KAKAO_REDIRECT_URI: value }).kakao.redirectUri).toBe(value);
    else expectProblem("KAKAO_REDIRECT_URI", value, "without query and fragment");
  });

  test("KAKAO_SCOPE is a list, with commas or spaces", () => {
    expect(configOf({ KAKAO_SCOPE: "account_email, profile_nickname  openid" }).kakao.scope).toEqual([
      "account_email",
      "profile_nickname",
      "openid",
    ]);
  });

  test("KAKAO_APP_ID is a number, ON_KAKAO_UNLINK one of two words", () => {
    configOf({ KAKAO_APP_ID: "1048213", ON_KAKAO_UNLINK: "detach" });
    configOf({ KAKAO_APP_ID: "", ON_KAKAO_UNLINK: "delete" });
    for (const value of ["x", "12a", "-1", "1.5"]) expectProblem("KAKAO_APP_ID", value, "number");
    for (const value of ["remove", "DELETE", "true"]) expectProblem("ON_KAKAO_UNLINK", value, '"delete" or "detach"');
  });
});

describe("COOKIE_DOMAIN", () => {
  test.each([
    ["shop.co.kr", "shop.co.kr"],
    [".shop.co.kr", "shop.co.kr"],
    ["SHOP.co.kr", "shop.co.kr"],
  ])("may be %s", (value, cookieDomain) => {
    expect(configOf({ COOKIE_DOMAIN: value }).cookieDomain).toBe(cookieDomain);
  });

  test.each([
    "co.kr",
    "kr",
    "auth.shop.co.kr",
    "a.auth.shop.co.kr",
    "evil.co.kr",
    "op.co.kr",
    "..shop.co.kr",
    "https://shop.co.kr",
    "shop.co.kr;",
    "*.shop.co.kr",
  ])("may not be %s, no parent of the auth host or anybody's (CWE-1275)", (value) => {
    expectProblem("COOKIE_DOMAIN", value, "parent domain");
  });

  test("may not be the suffix under which a hosting service gives names away", () => {
    const change = { AUTH_ORIGIN: "https://auth.pages.dev", COOKIE_DOMAIN: "pages.dev" };
    expect(problemOf(change)?.variable).toBe("COOKIE_DOMAIN");
  });

  test("means nothing on an address", () => {
    expect(problemOf({ AUTH_ORIGIN: "http://127.0.0.1:8787", COOKIE_DOMAIN: "0.0.1" })?.variable).toBe("COOKIE_DOMAIN");
  });
});
