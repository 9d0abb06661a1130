import { describe, expect, test } from "vitest";
import { createMemory, forget, type Remembered, recall, remember } from "../../../../src/session/check/memory.ts";

const NOW = 1_763_800_000_000;

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
    expect(memory.statements.size).toBe(1);
  });

  test("ends with its time, and goes", () => {
    const memory = createMemory();
    remember(memory, "a", remembered("A", NOW + 1000));
    expect(recall(memory, "a", NOW + 999)?.body).toBe("A");
    expect(recall(memory, "a", NOW + 1000)).toBeNull();
    expect(memory.statements.size).toBe(0);
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

  test("has an end: strangers' requests cannot fill the isolate (CWE-770), and the oldest goes first", () => {
    const memory = createMemory();
    for (let n = 0; n < 6000; n += 1) remember(memory, `k${n}`, remembered("x"));
    expect(memory.statements.size).toBe(5000);
    expect(recall(memory, "k0", NOW)).toBeNull();
    expect(recall(memory, "k999", NOW)).toBeNull();
    expect(recall(memory, "k1000", NOW)).not.toBeNull();
    expect(recall(memory, "k5999", NOW)).not.toBeNull();
  });

  test("is each isolate's own", () => {
    const [one, other] = [createMemory(), createMemory()];
    remember(one, "a", remembered("A"));
    expect(recall(other, "a", NOW)).toBeNull();
    expect(one.feed).not.toBe(other.feed);
  });
});
