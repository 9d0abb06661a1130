import { expect, vi } from "vitest";
import type { TestWorker } from "./worker.ts";

export const SESSION_COOKIE = "__Host-session";

/** What a browser says that opens an address for a person; the harness turns the header into `Sec-Fetch-Mode`. */
export const NAVIGATION = { Accept: "text/html,application/xhtml+xml", "MF-Sec-Fetch-Mode": "navigate" };

/** The line that sets a cookie, or `null`. */
export const setCookieOf = (response: Response, name: string): string | null =>
  response.headers.getSetCookie().find((line) => line.startsWith(`${name}=`)) ?? null;

/** The attributes of a `Set-Cookie` line by their names in lower case; `true` for those without a value. */
export const attributesOf = (line: string | null): Record<string, string | true> =>
  Object.fromEntries(
    (line ?? "")
      .split(";")
      .slice(1)
      .map((attribute) => attribute.trim().split("="))
      .map(([name = "", value]) => [name.toLowerCase(), value ?? true]),
  );

/** Holds an answer against the shape that every error has for a program. */
export const expectError = async (response: Response, status: number, code: string): Promise<string> => {
  const body: { error: string; error_description: string } = await response.json();
  expect({ status: response.status, body }).toEqual({
    status,
    body: { error: code, error_description: expect.any(String) },
  });
  expect(response.headers.get("Content-Type")).toMatch(/^application\/json\b/);
  expect(body.error_description.length).toBeGreaterThan(10);
  return body.error_description;
};

/** The first log line that has these facts; logs reach the test a little after the answer does. */
export const logLine = (worker: TestWorker, facts: Record<string, unknown>): Promise<Record<string, unknown>> =>
  vi.waitFor(() => {
    const line = worker.logs().find((entry) => Object.entries(facts).every(([name, value]) => entry[name] === value));
    expect(line, `a log line with ${JSON.stringify(facts)} in ${worker.logText()}`).toBeDefined();
    return line ?? {};
  });

/** Paths that the Worker itself asked Kakao for, in order; what the person's browser asked for is left out. */
export const callsToKakao = (worker: TestWorker): string[] =>
  worker.kakao.calls.map(({ path }) => path).filter((path) => path !== "/oauth/authorize");
