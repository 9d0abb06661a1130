import { expect } from "vitest";
import fields from "../fixtures/fields.json" with { type: "json" };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The names and types of a JSON value, without its contents: what two answers of one kind have in common. */
export const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "fraction";
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) ? "datetime" : "string";
  return value === null ? "null" : typeof value;
};

const typeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return "array";
  return isRecord(value) ? "object" : shapeOf(value);
};

/** Holds an object to a field table: every required field is there, every field is known and of its type. */
export const expectFields = (value: unknown, table: keyof typeof fields): void => {
  if (!isRecord(value)) expect.fail(`${table} is not an object`);
  const known = new Map<string, string>(Object.entries(fields[table]));
  for (const [name, member] of Object.entries(value)) {
    const type = known.get(name)?.replace(" required", "");
    expect(`${name}: ${typeOf(member)}`).toBe(`${name}: ${type}`);
  }
  const required = [...known].filter(([, type]) => type.endsWith(" required")).map(([name]) => name);
  expect(Object.keys(value)).toEqual(expect.arrayContaining(required));
};
