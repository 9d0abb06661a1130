import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCallback } from "../../../src/login/callback-parameters.ts";

const STATE = "s".repeat(43);
const read = (query: string) => readCallback(new URLSearchParams(query));

describe("Kakao's redirect (RFC 6749 section 4.1.2)", () => {
  test.each([
    ["a code", `code=the-code&state=${STATE}`, { kind: "code", code: "the-code" }],
    ["a code of 1,024 characters", `code=${"c".repeat(1024)}&state=${STATE}`, { kind: "code", code: "c".repeat(1024) }],
    [
      "every character that a code may have",
      `code=${encodeURIComponent("!~")}&state=${STATE}`,
      { kind: "code", code: "!~" },
    ],
    [
      "the person cancelled",
      `error=access_denied&error_description=User%20denied%20access&state=${STATE}`,
      { kind: "error", error: "access_denied" },
    ],
    ["an error that nobody knows", `error=x%0Ay&state=${STATE}`, { kind: "error", error: "x\ny" }],
    ["what we do not know beside a code", `code=c&state=${STATE}&iss=a&iss=b`, { kind: "code", code: "c" }],
  ])("%s", (_, query, answer) => {
    expect(read(query)).toEqual({ state: STATE, answer });
  });

  test.each([
    ["neither code nor error", ""],
    ["both", "code=c&error=access_denied&"],
    ["an empty code", "code=&"],
    ["an empty error", "error=&"],
    ["an empty error beside a code", "error=&code=c&"],
    ["a code of 1,025 characters", `code=${"c".repeat(1025)}&`],
    ["a space in the code", "code=a+b&"],
    ["a line break in the code (CWE-93)", "code=a%0d%0ab&"],
    ["a NUL in the code", "code=a%00&"],
    ["a code beyond ASCII", `code=${encodeURIComponent("코드")}&`],
  ])("spends the attempt without asking Kakao: %s", (_, query) => {
    expect(read(`${query}state=${STATE}`)).toEqual({ state: STATE, answer: { kind: "malformed" } });
  });
});

describe("nothing of ours", () => {
  test.each([
    ["no parameter", ""],
    ["no state: a forged callback (CWE-352)", "code=c"],
    ["an empty state", "code=c&state="],
    ["a short state", `code=c&state=${STATE.slice(1)}`],
    ["a long state", `code=c&state=${STATE}s`],
    ["a state with other characters", `code=c&state=${"/".repeat(43)}`],
    ["a state and a line break", `code=c&state=${STATE}%0A`],
    ["a state in another case of its name", `code=c&State=${STATE}`],
  ])("%s", (_, query) => {
    expect(read(query)).toBeNull();
  });
});

test.each(["code", "state", "error", "error_description"])("%s sent twice is refused (CWE-235)", (name) => {
  const good = `code=c&state=${STATE}`;
  expect(read(`${good}&${name}=x&${name}=x`)).toEqual({ problem: `${name} was sent twice.` });
  expect(read(`${name}=&${name}=`)).toEqual({ problem: `${name} was sent twice.` });
});

test("property: no query throws, and a code comes out only beside a state of ours and no error", () => {
  const name = fc.constantFrom("code", "state", "error", "error_description", "x");
  const value = fc.oneof(fc.string({ unit: "binary" }), fc.constant(STATE));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 5 }), (pairs) => {
      const callback = readCallback(new URLSearchParams(pairs));
      if (callback === null || "problem" in callback) return;
      expect(callback.state).toMatch(/^[\w-]{43}$/);
      if (callback.answer.kind !== "code") return;
      expect(callback.answer.code).toMatch(/^[\x21-\x7e]{1,1024}$/);
      expect(pairs.some(([given]) => given === "error")).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});
