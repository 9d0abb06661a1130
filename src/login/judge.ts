import type { Config } from "../config.ts";
import { judgeReturnTarget } from "../frontends/origins.ts";
import type { Failure } from "../pages/failure.ts";
import { type LoginRequest, readLoginRequest } from "./request.ts";

/** A login link that may be followed: what it asks for, and where it leads back to. */
export type JudgedLogin = { request: LoginRequest; redirectTo: string };

/** Judges the query that the login page and the login start share. */
export const judgeLogin = (config: Config, query: URLSearchParams): JudgedLogin | { failure: Failure } => {
  const request = readLoginRequest(query);
  if ("problem" in request) return { failure: { kind: "invalid_request", problem: request.problem } };
  const target = request.redirectTo ?? config.defaultReturnUrl;
  const judgement = judgeReturnTarget(config, target);
  if ("allowed" in judgement) return { request, redirectTo: judgement.allowed.href };
  const origin = URL.canParse(target) ? new URL(target).origin.slice(0, 200) : null;
  return { failure: { kind: "redirect_refused", rule: judgement.refused, origin } };
};
