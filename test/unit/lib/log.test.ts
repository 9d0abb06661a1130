import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLog, describeError } from "../../../src/lib/log.ts";

let lines: string[] = [];
beforeEach(() => {
  lines = [];
  for (const name of ["log", "warn", "error"] as const) {
    vi.spyOn(console, name).mockImplementation((line: string) => lines.push(line));
  }
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("a log line", () => {
  test.each(["info", "warn", "error"] as const)(
    "%s is one JSON object with level, event, reference and facts",
    (level) => {
      const log = createLog(() => "8f1c2d3e4f5a6b7c-ICN");
      log[level]("login_ended", { outcome: "signed_in", tries: 2, ok: true, none: null });
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        {
          level,
          event: "login_ended",
          reference: log.reference,
          ray: "8f1c2d3e4f5a6b7c-ICN",
          outcome: "signed_in",
          tries: 2,
          ok: true,
          none: null,
        },
      ]);
    },
  );

  test("property: stays one line whatever the facts and the ray say (CWE-117)", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.option(fc.string()), (text, ray) => {
        lines = [];
        createLog(() => ray).warn("event", { text });
        expect(lines).toHaveLength(1);
        expect(lines[0]).not.toMatch(/[\n\r]/);
        expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "warn", event: "event" });
      }),
    );
  });

  test.each([
    ["none", null],
    ["empty", ""],
    ["a forged line (CWE-117)", 'x"}\n{"level":"info","event":"signed_in"'],
    ["longer than a ray", "a".repeat(65)],
    ["spaces", "a b"],
  ])("a ray that is no ray is left out: %s", (_, ray) => {
    createLog(() => ray).info("event");
    expect(JSON.parse(lines[0] ?? "")).not.toHaveProperty("ray");
  });
});

test("the reference is ours, new for each request, and short enough to read out", () => {
  const references = Array.from({ length: 100 }, () => createLog(() => "the-same-ray").reference);
  expect(new Set(references).size).toBe(100);
  for (const reference of references) expect(reference).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}$/);
});

describe("describeError()", () => {
  test("says what was thrown and where, not what it said (CWE-532)", () => {
    const described = describeError(new TypeError("Invalid URL: https://app.example.com/?code=SECRET"));
    expect(described).toMatchObject({ thrown: "TypeError", at: expect.stringContaining("log.test.ts") });
    expect(JSON.stringify(described)).not.toContain("SECRET");
  });

  test("a message of several lines", () => {
    expect(JSON.stringify(describeError(new Error("first\nSECRET\nthird")))).not.toContain("SECRET");
  });

  test("a message with a line that looks like a frame: V8 quotes what it could not parse", () => {
    const parse = () => JSON.parse("\n    at SECRET");
    expect(parse).toThrow(/SECRET/);
    try {
      parse();
    } catch (error) {
      expect(JSON.stringify(describeError(error))).not.toContain("SECRET");
    }
  });

  test.each([
    ["a text", "SECRET", "string"],
    ["nothing", undefined, "undefined"],
    ["null", null, "object"],
    ["an object", { code: "SECRET" }, "object"],
  ])("%s that was thrown is named by its type alone", (_, thrown, type) => {
    expect(describeError(thrown)).toEqual({ thrown: type });
  });

  test("an error without a stack", () => {
    const error = new Error("SECRET");
    delete error.stack;
    expect(describeError(error)).toEqual({ thrown: "Error", at: "" });
  });

  test("a deep stack is cut to 5 frames and 600 characters", () => {
    const dive = (depth: number): Error => (depth === 0 ? new Error("deep") : dive(depth - 1));
    const { at } = describeError(dive(50));
    expect(String(at).split(" | ")).toHaveLength(5);
    expect(String(at).length).toBeLessThanOrEqual(600);
  });
});
