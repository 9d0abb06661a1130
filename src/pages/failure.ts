import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ConfigProblem } from "../config.ts";
import type { ReturnTargetRule } from "../frontends/origins.ts";
import { describeError, type Facts } from "../lib/log.ts";
import type { ErrorCode } from "./error-texts.ts";

/** Everything that can go wrong with a request, as a value, until {@link wireOf} turns it into an answer. */
export type Failure =
  | { kind: "misconfigured"; problems: readonly ConfigProblem[] }
  | { kind: "not_found" }
  | { kind: "method_not_allowed"; allow: readonly string[] }
  | { kind: "invalid_request"; problem: string }
  | { kind: "redirect_refused"; rule: ReturnTargetRule; origin: string | null }
  | { kind: "invalid_origin" }
  | { kind: "foreign_callback" }
  | { kind: "rate_limited" }
  | { kind: "invalid_grant"; result: "burned" | "refused"; origin: string }
  | { kind: "unauthenticated" }
  | { kind: "invalid_target" }
  | { kind: "unavailable"; cause: unknown }
  | { kind: "unexpected"; cause: unknown };

/** One failure on the wire: the stranger reads `description`, the operator `facts`. */
export type Wire = {
  status: ContentfulStatusCode;
  code: ErrorCode;
  description: string;
  level: "info" | "warn" | "error";
  facts: Facts;
  headers?: Record<string, string>;
};

/** Why a return target was refused, said to the developer who wrote the link. */
const RULES: Record<ReturnTargetRule, string> = {
  unreadable: "it is no absolute address such as https://app.example.com/welcome",
  control_characters: "it contains spaces, control characters or backslashes; percent-encode them",
  too_long: "it is longer than 2,048 characters",
  scheme: "only https: is allowed, and http: on localhost",
  credentials: "it contains a user name or password",
  auth_host: "it leads back to the auth host itself",
  unlisted_origin: "its origin is not among FRONTEND_ORIGINS",
};

/** The period that a client is asked to wait: the longest one that the rate limit binding knows, in seconds. */
const RATE_LIMIT_SECONDS = "60";

/** How soon a short outage is worth another try, in seconds. */
export const OUTAGE_SECONDS = "5";

export const wireOf = (failure: Failure): Wire => {
  switch (failure.kind) {
    case "misconfigured":
      return {
        status: 500,
        code: "misconfigured",
        description: "This auth service is not configured correctly. Its log lists every problem and its fix.",
        level: "error",
        facts: { problems: failure.problems.map(({ variable, fix }) => `${variable}: ${fix}`).join("; ") },
      };
    case "not_found":
      return { status: 404, code: "not_found", description: "There is nothing here.", level: "info", facts: {} };
    case "method_not_allowed":
      return {
        status: 405,
        code: "method_not_allowed",
        description: `This address answers ${failure.allow.join(", ")} only.`,
        level: "info",
        facts: {},
        headers: { Allow: failure.allow.join(", ") },
      };
    case "invalid_request":
      return { status: 400, code: "invalid_request", description: failure.problem, level: "info", facts: {} };
    case "redirect_refused":
      return {
        status: 400,
        code: "invalid_redirect_to",
        description: `redirect_to was refused (${failure.rule}): ${RULES[failure.rule]}.`,
        level: "warn",
        facts: { rule: failure.rule, target_origin: failure.origin },
      };
    case "invalid_origin":
      return {
        status: 403,
        code: "invalid_origin",
        description: "This request came from an origin that may not send it. Nothing was changed.",
        level: "warn",
        facts: {},
      };
    case "foreign_callback":
      return {
        status: 400,
        code: "invalid_callback",
        description: "This browser did not start this login, or did so too long ago. Start the login again.",
        level: "warn",
        facts: {},
      };
    case "invalid_grant":
      return {
        status: 400,
        code: "invalid_grant",
        description: "This code is unknown, expired, used, or not yours. Start the login again.",
        level: "warn",
        facts: { result: failure.result, origin: failure.origin },
      };
    case "rate_limited":
      return {
        status: 429,
        code: "rate_limited",
        description: "Too many logins from this network address. Wait, then try again.",
        level: "warn",
        facts: {},
        headers: { "Retry-After": RATE_LIMIT_SECONDS },
      };
    case "invalid_target":
      return {
        status: 400,
        code: "invalid_target",
        description: "audience must be an allowed front end's origin or one of TOKEN_AUDIENCES.",
        level: "info",
        facts: {},
      };
    case "unauthenticated":
      return {
        status: 401,
        code: "unauthenticated",
        description: "This needs a session: log in first.",
        level: "info",
        facts: {},
      };
    case "unavailable":
      return {
        status: 503,
        code: "temporarily_unavailable",
        description: "The session database does not answer. Sessions are untouched; try again in a moment.",
        level: "error",
        facts: describeDatabaseError(failure.cause),
        headers: { "Retry-After": OUTAGE_SECONDS },
      };
    case "unexpected":
      return {
        status: 500,
        code: "server_error",
        description: "Something unexpected went wrong. The log has the details under this reference.",
        level: "error",
        facts: describeError(failure.cause),
      };
  }
};

/** D1's own messages name tables and limits, never bound values, and tell an operator what to do. */
export const describeDatabaseError = (cause: unknown): Facts =>
  cause instanceof Error && cause.message.startsWith("D1_")
    ? { cause: cause.message.slice(0, 300) }
    : describeError(cause);
