import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KakaoRequestError } from "../../../src/kakao/index.ts";
import { callKakao, type KakaoCall, parseObject } from "../../../src/kakao/request.ts";
import { answerFetch, jsonAnswer } from "./fetch-double.ts";

const CALL: KakaoCall = { step: "token", url: "https://kauth.kakao.com/oauth/token?secret=1", method: "GET" };
const KIB = 1024;

const failureOf = async (work: Promise<unknown>) => {
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(KakaoRequestError);
  return error instanceof KakaoRequestError ? error.failure : null;
};

describe("callKakao() sorts refusals by Kakao's stable code", () => {
  test.each([
    [{ error: "invalid_grant", error_code: "KOE320" }, 400, { code: "KOE320", error: "invalid_grant" }],
    [{ error: "invalid_client", error_code: "KOE010" }, 401, { code: "KOE010", error: "invalid_client" }],
    [{ msg: "this access token does not exist", code: -401 }, 401, { code: "-401", ipMismatched: false }],
    [{ msg: "ip mismatched! callerIp=192.0.2.7.", code: -401 }, 401, { code: "-401", ipMismatched: true }],
    [{ msg: "ip mismatched! callerIp=192.0.2.7.", code: -2 }, 400, { code: "-2", ipMismatched: false }],
    [{ msg: "this ip mismatched", code: -401 }, 401, { code: "-401", ipMismatched: false }],
    [{ msg: "insufficient scopes.", code: -402, required_scopes: ["friends"] }, 403, { code: "-402" }],
    [{ error_code: "KOE1;DROP" }, 400, { code: "http_400" }],
    [{ error_code: 320 }, 400, { code: "http_400" }],
    [{ code: 1.5 }, 400, { code: "http_400" }],
    [{ code: "-1" }, 400, { code: "http_400" }],
    [{ error: "a\nb" }, 400, { code: "http_400", error: null }],
    [{ error: "x".repeat(41) }, 400, { error: null }],
    ["<html>", 502, { code: "http_502", error: null }],
    ["", 503, { code: "http_503" }],
    ["[]", 500, { code: "http_500" }],
    ["null", 500, { code: "http_500" }],
    ["x".repeat(65 * KIB), 500, { code: "http_500" }],
    ["x".repeat(65 * KIB), 200, { code: "too_large" }],
  ])("%j with %i", async (body, status, failure) => {
    answerFetch(() => jsonAnswer(body, status));
    expect(await failureOf(callKakao(CALL))).toMatchObject({ status, ...failure });
  });

  test("the address in a failure has no query", async () => {
    answerFetch(() => jsonAnswer("", 500));
    expect((await failureOf(callKakao(CALL)))?.url).toBe("https://kauth.kakao.com/oauth/token");
  });

  test("property: a stranger's text never reaches the failure (CWE-117)", async () => {
    const body = fc.oneof(
      fc.string(),
      fc
        .record({ error: fc.string(), error_code: fc.string(), code: fc.jsonValue(), msg: fc.string() })
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(body, fc.integer({ min: 400, max: 599 }), async (text, status) => {
        answerFetch(() => jsonAnswer(text, status));
        const failure = await failureOf(callKakao(CALL));
        expect(failure?.code).toMatch(/^(?:KOE\d{3}|-?\d{1,16}|http_\d{3})$/);
        expect(failure?.error ?? "none").toMatch(/^[a-z_]{1,40}$/);
      }),
    );
  });
});

describe("limits", () => {
  test.each([
    ["64 KiB are read", 64 * KIB, true],
    ["one byte more is refused", 64 * KIB + 1, false],
  ])("%s", async (_, bytes, isRead) => {
    answerFetch(() => new Response("x".repeat(bytes)));
    const work = callKakao(CALL);
    if (isRead) expect(await work).toHaveLength(bytes);
    else expect(await failureOf(work)).toMatchObject({ code: "too_large" });
  });

  test("characters split between two chunks stay whole", async () => {
    const bytes = new TextEncoder().encode('{"nickname":"서윤"}');
    const oneByteEach = new ReadableStream({
      start: (controller) => {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    answerFetch(() => new Response(oneByteEach));
    expect(await callKakao(CALL)).toBe('{"nickname":"서윤"}');
  });

  test("property: parseObject() gives an object or a KakaoRequestError", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          expect(Array.isArray(parseObject(CALL, text))).toBe(false);
        } catch (error) {
          expect(error).toBeInstanceOf(KakaoRequestError);
        }
      }),
    );
  });
});
