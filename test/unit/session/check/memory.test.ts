import { describe, expect, test } from "vitest";
import {
  createMemory,
  forget,
  type Memory,
  type Remembered,
  recall,
  remember,
} from "../../../../src/session/check/memory.ts";

const NOW = 1_763_800_000_000;

const sizeOf = ({ recent, older }: Memory): number => recent.size + older.size;

const remembered = (body: string, usableUntil = NOW + 300_000): Remembered =>
  ({ body, statement: { issuedAt: NOW, usableUntil } }) as Remembered;

describe("what an isolate remembers", () => {
  test("is found by its own key and by no other", () => {
    const memory = createMemory();
    remember(memory, "a", remembered("A"));
    expect(recall(memory, "a", NOW)?.body).toBe("A");
    for (const key of ["b", "", "A", "a.", "__proto__", "constructor"]) expect(recall(memory, key, NOW)).toBeNull();
  });

  test("is replaced by what is newer", () => {
    const memory = createMemory();
    remember(memory, "a", remembered("old"));
    remember(memory, "a", remembered("new"));
    expect(recall(memory, "a", NOW)?.body).toBe("new");
    expect(sizeOf(memory)).toBe(1);
  });

  test("ends with its time, and goes", () => {
    const memory = createMemory();
    remember(memory, "a", remembered("A", NOW + 1000));
    expect(recall(memory, "a", NOW + 999)?.body).toBe("A");
    expect(recall(memory, "a", NOW + 1000)).toBeNull();
    expect(sizeOf(memory)).toBe(0);
  });

  test("is not believed after the clock jumped back", () => {
    const memory = createMemory();
    remember(memory, "a", remembered("A"));
    expect(recall(memory, "a", NOW - 60_000)).toBeNull();
  });

  test("can be forgotten", () => {
    const memory = createMemory();
    remember(memory, "a", remembered("A"));
    forget(memory, "a");
    forget(memory, "never there");
    expect(recall(memory, "a", NOW)).toBeNull();
  });

  test("has an end: strangers' requests cannot fill the isolate (CWE-770), and the oldest go first", () => {
    const memory = createMemory();
    for (let n = 0; n < 20_000; n += 1) {
      remember(memory, `k${n}`, remembered("x"));
      expect(sizeOf(memory)).toBeLessThanOrEqual(5000);
    }
    for (const n of [0, 10_000, 14_999]) expect(recall(memory, `k${n}`, NOW)).toBeNull();
    for (const n of [17_500, 18_000, 19_999]) expect(recall(memory, `k${n}`, NOW)).not.toBeNull();
  });

  test("stays while it is asked for, however many others come", () => {
    const memory = createMemory();
    remember(memory, "regular", remembered("A"));
    for (let n = 0; n < 20_000; n += 1) {
      remember(memory, `k${n}`, remembered("x"));
      if (n % 1000 === 0) expect(recall(memory, "regular", NOW)?.body).toBe("A");
    }
  });

  test("is forgotten and replaced wherever it lies", () => {
    const memory = createMemory();
    remember(memory, "a", remembered("old"));
    remember(memory, "b", remembered("B"));
    for (let n = 0; n < 2500; n += 1) remember(memory, `k${n}`, remembered("x"));
    remember(memory, "a", remembered("new"));
    expect(recall(memory, "a", NOW)?.body).toBe("new");
    forget(memory, "a");
    forget(memory, "b");
    expect([recall(memory, "a", NOW), recall(memory, "b", NOW)]).toEqual([null, null]);
  });

  test("is each isolate's own", () => {
    const [one, other] = [createMemory(), createMemory()];
    remember(one, "a", remembered("A"));
    expect(recall(other, "a", NOW)).toBeNull();
    expect(one.feed).not.toBe(other.feed);
  });
});
