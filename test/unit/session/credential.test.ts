import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cookieValues, readCredential } from "../../../src/session/credential.ts";

const TOKEN = "t".repeat(43);
const OTHER = "o".repeat(43);
const HOST = `__Host-session=${TOKEN}`;
const read = (authorization: string | null, cookie: string | null) => readCredential(null, authorization, cookie);

const bearer = (token: string) => ({ transport: "bearer", token });
const cookie = (token: string) => ({ transport: "cookie", token });

describe("the cookie", () => {
  test.each([
    ["alone", HOST, cookie(TOKEN)],
    ["among others", `a=1; ${HOST}; b=2`, cookie(TOKEN)],
    ["without spaces", `a=1;${HOST};b=2`, cookie(TOKEN)],
    ["with spaces around", ` __Host-session = ${TOKEN} `, cookie(TOKEN)],
    ["twice with one value", `${HOST}; ${HOST}`, cookie(TOKEN)],
    ["twice with two values: one was planted (CWE-384)", `${HOST}; __Host-session=${OTHER}`, null],
    ["once real, once empty", `${HOST}; __Host-session=`, null],
    ["empty", "__Host-session=", null],
    ["without a value", "__Host-session", null],
    ["in another case: names have one (RFC 6265 section 5.4)", `__host-session=${TOKEN}`, null],
    ["without its prefix, as any sibling host could set it", `session=${TOKEN}`, null],
    ["with the other prefix", `__Secure-session=${TOKEN}`, null],
    ["with a longer name", `__Host-session2=${TOKEN}; x__Host-session=${TOKEN}`, null],
    ["in the value of another", `a=__Host-session=${TOKEN}`, null],
    ["behind a comma, which separates nothing", `a=1, ${HOST}`, null],
    ["in quotes, which are part of the value", `__Host-session="${TOKEN}"`, cookie(`"${TOKEN}"`)],
    ["with an equals sign inside", "__Host-session=a=b", cookie("a=b")],
    ["no name", `=${TOKEN}`, null],
    ["separators alone", ";;;", null],
    ["empty header", "", null],
    ["no header", null, null],
  ])("%s", (_, header, credential) => {
    expect(read(null, header)).toEqual(credential);
  });

  test("is the __Secure- one, and that alone, when a cookie domain is set", () => {
    expect(readCredential("shop.test", null, `__Secure-session=${TOKEN}; __Host-session=${OTHER}`)).toEqual(
      cookie(TOKEN),
    );
    expect(readCredential("shop.test", null, HOST)).toBeNull();
  });
});

describe("the bearer (RFC 6750 section 2.1)", () => {
  test.each([
    ["as browsers' clients write it", `Bearer ${TOKEN}`, bearer(TOKEN)],
    ["in any case (RFC 9110 section 11.1)", `bearer ${TOKEN}`, bearer(TOKEN)],
    ["in capitals", `BEARER ${TOKEN}`, bearer(TOKEN)],
    ["with several spaces", `Bearer   ${TOKEN}  `, bearer(TOKEN)],
    ["any token, to be judged elsewhere", "Bearer x", bearer("x")],
    ["no token", "Bearer", bearer("")],
    ["no token but a space", "Bearer ", bearer("")],
    ["another scheme", `Basic ${TOKEN}`, null],
    ["a scheme that only begins alike", `Bearers ${TOKEN}`, null],
    ["the scheme run together with the token", `Bearer${TOKEN}`, null],
    ["in the middle", `x Bearer ${TOKEN}`, null],
    ["empty", "", null],
  ])("%s", (_, header, credential) => {
    expect(read(header, null)).toEqual(credential);
  });
});

describe("with both, the bearer decides, even when it is no good: whoever sends one means it", () => {
  test.each([
    ["a good one", `Bearer ${OTHER}`],
    ["an unknown one", "Bearer nobody"],
    ["none", "Bearer"],
    ["two", `Bearer ${OTHER} ${TOKEN}`],
    ["a list", `Bearer ${OTHER}, Bearer ${TOKEN}`],
    ["parameters instead", 'Bearer realm="x", error="y"'],
  ])("%s", (_, header) => {
    expect(read(header, HOST)).toMatchObject({ transport: "bearer" });
  });

  test("another scheme is not ours to read: the cookie counts", () => {
    expect(read("Basic dXNlcjpwYXNz", HOST)).toEqual(cookie(TOKEN));
  });
});

describe("property:", () => {
  test("no header throws, and no credential comes out of nothing", () => {
    fc.assert(
      fc.property(fc.option(fc.string()), fc.option(fc.string()), (authorization, header) => {
        const credential = read(authorization, header);
        if (credential?.transport === "bearer") expect(authorization).toMatch(/^bearer/i);
        if (credential?.transport === "cookie") expect(header).toContain(credential.token);
      }),
    );
  });

  test("every value of a name is found, in the order sent", () => {
    const value = fc.stringMatching(/^[\w-]{1,10}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom("a", "__Host-session", "b"), value)), (pairs) => {
        const header = pairs.map(([name, text]) => `${name}=${text}`).join("; ");
        const expected = pairs.filter(([name]) => name === "__Host-session").map(([, text]) => text);
        expect(cookieValues(header, "__Host-session")).toEqual(expected);
      }),
    );
  });
});

describe("a header made to be slow takes no longer than its length (CWE-1333)", () => {
  const SIZE = 32 * 1024;
  test.each([
    ["spaces, then two words", `Bearer${" ".repeat(SIZE)}x y`, null],
    ["tabs, then two words", `Bearer${"\t".repeat(SIZE)}x y`, null],
    ["spaces behind the token", `Bearer x${" ".repeat(SIZE)}y`, null],
    ["semicolons", null, ";".repeat(SIZE)],
    ["spaces in a cookie", null, `${" ".repeat(SIZE)}=${" ".repeat(SIZE)}`],
    ["the cookie ten thousand times", null, `${HOST};`.repeat(1_000)],
  ])("%s", (_, authorization, header) => {
    const started = performance.now();
    read(authorization, header);
    expect(performance.now() - started).toBeLessThan(400);
  });
});
