/** A JSON value in which a bigint stands for Kakao's `Long`. */
export type Json = string | number | boolean | null | bigint | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/**
 * Writes JSON with every digit of a `Long`: Kakao's user numbers exceed 2^53, where a JavaScript number, and so
 * `JSON.stringify`, would change them.
 */
export const writeJson = (value: Json): string => {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(writeJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${writeJson(member)}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value);
};
