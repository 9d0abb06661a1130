import { expect } from "vitest";
import { type Config, type ConfigProblem, readConfig } from "../../src/config.ts";

export const KEY = Buffer.alloc(32, 7).toString("base64url");

/** The least that a deployment must set. */
export const ENV = {
  AUTH_ORIGIN: "https://auth.shop.co.kr",
  FRONTEND_ORIGINS: "https://app.shop.co.kr",
  KAKAO_CLIENT_ID: "the-rest-api-key",
  KAKAO_CLIENT_SECRET: "the-client-secret",
  AUTH_SECRET: KEY,
  DB: {},
};

/** Every problem of an environment; none for a good one. */
export const problemsOf = (env: Record<string, unknown>): readonly ConfigProblem[] => {
  const result = readConfig(env);
  return "problems" in result ? result.problems : [];
};

/** The configuration of the least environment with this change, which must be good. */
export const configOf = (change: Record<string, unknown>): Config => {
  const result = readConfig({ ...ENV, ...change });
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return result.config;
};

/** The one problem that a change makes; `null` for none, and more of them fail the test. */
export const problemOf = (change: Record<string, unknown>): ConfigProblem | null => {
  const [problem, ...more] = problemsOf({ ...ENV, ...change });
  expect(more).toEqual([]);
  return problem ?? null;
};

/** Expects one problem alone, of this variable, whose fix contains these words. */
export const expectProblem = (variable: string, value: unknown, fix = "") =>
  expect(problemOf({ [variable]: value })).toEqual({ variable, fix: expect.stringContaining(fix) });
