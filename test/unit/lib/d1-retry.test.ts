import { describe, expect, test, vi } from "vitest";
import { isTransient, withRetry } from "../../../src/lib/d1-retry.ts";

const LOST = new Error("D1_ERROR: Network connection lost.");

describe("isTransient()", () => {
  test.each([
    "D1_ERROR: Network connection lost.",
    "Network connection lost.",
    "D1 DB storage caused object to be reset; please try again",
    "D1_ERROR: The Durable Object was reset because its code was updated.",
    "Internal error while starting up D1 DB storage caused object to be reset",
  ])("%s", (message) => {
    expect(isTransient(new Error(message))).toBe(true);
  });

  test.each([
    ["overloaded: a second try makes it worse", new Error("D1 DB is overloaded. Too many requests queued.")],
    ["a constraint", new Error("D1_ERROR: UNIQUE constraint failed: user_key.id: SQLITE_CONSTRAINT")],
    ["a syntax error", new Error('D1_ERROR: near "SELEC": syntax error')],
    ["the daily limit", new Error("D1_ERROR: Exceeded maximum DB rows written")],
    ["an empty message", new Error("")],
    ["no Error", "Network connection lost"],
    ["nothing", null],
    ["undefined", undefined],
  ])("not %s", (_, error) => {
    expect(isTransient(error)).toBe(false);
  });
});

describe("withRetry()", () => {
  test("gives the first result without a second try", async () => {
    const work = vi.fn(async () => "row");
    expect(await withRetry(work)).toBe("row");
    expect(work).toHaveBeenCalledTimes(1);
  });

  test("tries once more after a transient fault", async () => {
    const work = vi.fn(async () => "row").mockRejectedValueOnce(LOST);
    expect(await withRetry(work)).toBe("row");
    expect(work).toHaveBeenCalledTimes(2);
  });

  test("gives up after the second one, with its error", async () => {
    const work = vi.fn(() => Promise.reject(LOST));
    await expect(withRetry(work)).rejects.toBe(LOST);
    expect(work).toHaveBeenCalledTimes(2);
  });

  test("does not repeat what would fail again", async () => {
    const error = new Error("D1 DB is overloaded.");
    const work = vi.fn(() => Promise.reject(error));
    await expect(withRetry(work)).rejects.toBe(error);
    expect(work).toHaveBeenCalledTimes(1);
  });
});
