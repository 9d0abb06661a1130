import type { Storage } from "./browser.ts";

type Area = "sessionStorage" | "localStorage";

/**
 * What is stored for an auth host, once `value` was stored if there is one. Nothing where storage is blocked, full or
 * holds something unreadable: a write that came to nothing is a fact to act on.
 */
export const stored = (area: Area, origin: string, value?: unknown): unknown => {
  const key = `kakao-auth ${origin}`;
  try {
    // A browser that blocks storage throws as soon as an area is named.
    const storage = (globalThis as unknown as Record<Area, Storage>)[area];
    if (value !== undefined) storage.setItem(key, JSON.stringify(value));
    return JSON.parse(storage.getItem(key) as string);
  } catch {
    return;
  }
};
