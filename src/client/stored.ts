import type { Storage } from "./browser.ts";

type Area = "sessionStorage" | "localStorage";

/** A browser that blocks storage throws as soon as an area is named, so that they are named in here alone. */
const areas = globalThis as unknown as Record<Area, Storage>;

/** What was stored; nothing where storage is blocked or holds something unreadable, too. */
export const readStored = (area: Area, name: string): unknown => {
  try {
    return JSON.parse(areas[area].getItem(name) as string);
  } catch {
    return;
  }
};

/** Whether it was stored: blocked or full storage is a fact to act on. */
export const writeStored = (area: Area, name: string, value: unknown): boolean => {
  try {
    areas[area].setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
};
