import type { Storage } from "./browser.ts";

type Area = "sessionStorage" | "localStorage";

/**
 * What is stored under a name, once `value` was stored there if there is one. Nothing where storage is blocked, full or
 * holds something unreadable: a write that came to nothing is a fact to act on.
 */
export const stored = (area: Area, name: string, value?: unknown): unknown => {
  try {
    // A browser that blocks storage throws as soon as an area is named.
    const storage = (globalThis as unknown as Record<Area, Storage>)[area];
    if (value !== undefined) storage.setItem(name, JSON.stringify(value));
    return JSON.parse(storage.getItem(name) as string);
  } catch {
    return;
  }
};
