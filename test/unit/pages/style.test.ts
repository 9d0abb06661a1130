import { describe, expect, test } from "vitest";
import { STYLE } from "../../../src/pages/style.ts";

const css = String(STYLE);
const [light = "", dark = ""] = [...css.matchAll(/:root\{([^}]+)\}/g)].map((match) => match[1]);

const color = (scheme: string, name: string): string => {
  const hex = new RegExp(`--${name}:#([0-9a-f]{3,6})(?:;|$)`).exec(scheme)?.[1];
  if (hex === undefined) throw new Error(`The scheme has no colour ${name}.`);
  return hex.length === 3 ? hex.replace(/./g, "$&$&") : hex;
};

/** Relative luminance of a six-digit hex colour, WCAG 2.2. */
const luminance = (hex: string): number => {
  const [red = 0, green = 0, blue = 0] = [0, 2, 4]
    .map((start) => Number.parseInt(hex.slice(start, start + 2), 16) / 255)
    .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** Contrast ratio of two colours, WCAG 2.2: 1 to 21. */
const contrast = (one: string, other: string): number => {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
};

describe.each([
  ["light", light],
  ["dark", dark],
])("the %s scheme", (_name, scheme) => {
  test.each([
    ["ink", "ground"],
    ["ink", "card"],
    ["soft", "ground"],
    ["soft", "card"],
  ])("writes %s on %s at WCAG AA", (text, background) => {
    expect(contrast(color(scheme, text), color(scheme, background))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(["ground", "card"])("shows the keyboard focus on %s", (background) => {
    expect(contrast(color(scheme, "ring"), color(scheme, background))).toBeGreaterThanOrEqual(3);
  });
});

describe("the style sheet", () => {
  test("stays below 3 kB", () => {
    expect(new TextEncoder().encode(css).length).toBeLessThan(3000);
  });

  test("gives the button Kakao's colours and radius in both schemes", () => {
    expect(css).toMatch(/\.kakao\{[^}]*background:#fee500;color:#000000d9/);
    expect(css).toMatch(/\.button,\.kakao\{[^}]*border-radius:12px/);
    expect(css).not.toMatch(/\.kakao:hover/);
  });

  test("moves nothing for people who asked for less motion", () => {
    const moving = [...css.matchAll(/(?:transition|animation)/g)].length;
    expect(moving).toBe(1);
    expect(css).toMatch(/@media \(prefers-reduced-motion:no-preference\)\{[^}]*transition/);
  });
});
