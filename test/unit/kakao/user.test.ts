import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KakaoRequestError } from "../../../src/kakao/index.ts";
import { fetchUser, userNumber } from "../../../src/kakao/user.ts";
import { answerFetch, jsonAnswer } from "./fetch-double.ts";

/** Larger than 2^53: `JSON.parse` makes 1376016924426111200 of it. */
const EXACT = "1376016924426111111";

describe("userNumber() takes the digits of the top-level id off the wire", () => {
  test.each([
    ["nine digits", '{"id":123456789}', "123456789"],
    ["nineteen digits", `{"id":${EXACT}}`, EXACT],
    ["the largest Long, 2^63 - 1", '{"id":9223372036854775807}', "9223372036854775807"],
    ["white space around it", `{ "id" :\n\t${EXACT} }`, EXACT],
    ["after a nested id", `{"kakao_account":{"id":5,"profile":{"id":6}},"id":${EXACT}}`, EXACT],
    ["before a nested id", `{"id":${EXACT},"for_partner":{"id":5}}`, EXACT],
    ["an id inside a list", `{"id":${EXACT},"list":[{"id":5},{"id":6}]}`, EXACT],
    ["its name escaped", `{"\\u0069d":${EXACT}}`, EXACT],
    ["its digits inside a text as well", `{"name":"\\"id\\":5","id":${EXACT}}`, EXACT],
    ["a key twice, as JSON.parse: the last one counts", `{"id":1,"id":${EXACT}}`, EXACT],
    ["a text, then a number", `{"id":"x","id":${EXACT}}`, EXACT],
  ])("%s", (_, json, digits) => {
    expect(userNumber(json)).toBe(digits);
  });

  test.each([
    ["no id", "{}"],
    ["a text, even of digits", `{"id":"${EXACT}"}`],
    ["an exponent", '{"id":1e18}'],
    ["a float", '{"id":123.0}'],
    ["a negative number", '{"id":-123}'],
    ["zero", '{"id":0}'],
    ["minus zero", '{"id":-0}'],
    ["twenty digits", '{"id":12345678901234567890}'],
    ["null", '{"id":null}'],
    ["true", '{"id":true}'],
    ["an object", '{"id":{"id":5}}'],
    ["a list", '{"id":[5]}'],
    ["a nested id alone", '{"user":{"id":5}}'],
    ["an id of the prototype alone (CWE-1321)", '{"__proto__":{"id":5}}'],
    ["a number, then a text", '{"id":5,"id":"x"}'],
    ["another case", '{"ID":5}'],
    ["no object: a list", '[{"id":5}]'],
    ["no object: a list with a member called id", "[5]"],
    ["no object: a number", "5"],
    ["no object: null", "null"],
  ])("%s is no user number", (_, json) => {
    expect(userNumber(json)).toBeNull();
  });

  test("property: every Long comes back digit by digit, wherever the id stands", () => {
    const long = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String);
    const others = fc.dictionary(
      fc.string().filter((name) => name !== "id"),
      fc.jsonValue(),
      { maxKeys: 4 },
    );
    fc.assert(
      fc.property(long, others, others, (digits, before, after) => {
        const members = (part: object) => JSON.stringify(part).slice(1, -1);
        const json = `{${[members(before), `"id":${digits}`, members(after)].filter(Boolean).join(",")}}`;
        expect(userNumber(json)).toBe(digits);
      }),
    );
  });

  test("property: any JSON at all gives digits or null, never an error", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(userNumber(JSON.stringify(value)) ?? "1").toMatch(/^[1-9]\d{0,18}$/);
      }),
    );
  });
});

describe("fetchUser()", () => {
  const read = (body: string) => {
    answerFetch(() => jsonAnswer(body));
    return fetchUser("https://kapi.kakao.com", "access-token", undefined);
  };

  test("gives the document and the exact number", async () => {
    const { user, userId } = await read(`{"id":${EXACT},"kakao_account":{"email":"a@example.com"}}`);
    expect(userId).toBe(EXACT);
    expect(user.kakao_account).toEqual({ email: "a@example.com" });
  });

  test("needs nothing but the number", async () => {
    expect(await read('{"id":7}')).toEqual({ userId: "7", user: { id: 7 } });
  });

  test.each([
    ["not_json", "<html>"],
    ["not_json", '{"id":7'],
    ["not_json", ""],
    ["unexpected_shape", "[]"],
    ["unexpected_shape", "null"],
    ["unexpected_shape", "{}"],
    ["unexpected_shape", '{"id":"7"}'],
    ["unexpected_shape", '{"id":7,"kakao_account":"none"}'],
    ["unexpected_shape", '{"id":7,"kakao_account":[]}'],
  ])("says %s of %j", async (code, body) => {
    await expect(read(body)).rejects.toMatchObject({ name: "KakaoRequestError", code, failure: { step: "user" } });
  });

  test("a document nested beyond the stack is refused like any other nonsense (CWE-674)", async () => {
    const deep = 20_000;
    const body = `{"id":7,"kakao_account":{"a":${"[".repeat(deep)}${"]".repeat(deep)}}}`;
    const outcome = await read(body).catch((error: unknown) => error);
    if (!(outcome instanceof KakaoRequestError)) expect(outcome).toMatchObject({ userId: "7" });
  });

  test("property: whatever Kakao answers, the only error is a KakaoRequestError", async () => {
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"id":7,"kakao_account":${json}}`),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        const outcome = await read(text).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(KakaoRequestError);
      }),
    );
  });
});
