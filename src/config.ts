import { base64url } from "jose";
import { createKeyring, type Keyring } from "./lib/keyring.ts";
import {
  isSecureUrl,
  MAXIMUM_TARGET_LENGTH,
  matchesOrigin,
  type OriginPattern,
  parseOriginPattern,
} from "./lib/origin-pattern.ts";
import { isPublicSuffix } from "./lib/public-suffix/is-public-suffix.ts";

/** What the operator set, checked. Lifetimes in milliseconds. */
export type Config = {
  readonly authOrigin: string;
  readonly frontends: readonly OriginPattern[];
  readonly defaultReturnUrl: string;
  readonly kakao: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly redirectUri: string;
    readonly scope: readonly string[];
    readonly authOrigin: string;
    readonly apiOrigin: string;
  };
  readonly keyring: Keyring;
  readonly cookieDomain: string | null;
  /** How long a session revoked elsewhere may still be honoured. */
  readonly revocationLag: number;
  /** Whether a check that takes an answer as old as the lag may read it from a replica of D1. */
  readonly readReplicas: boolean;
  /** Audiences of tokens beside the front ends' origins. */
  readonly tokenAudiences: readonly string[];
  readonly session: { readonly active: number; readonly idle: number; readonly absolute: number };
};

/** One thing that the operator has to mend. */
export type ConfigProblem = { readonly variable: string; readonly fix: string };

export type ConfigResult = { config: Config } | { problems: readonly ConfigProblem[] };

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const MINIMUM_SECRET_BYTES = 32;

/** Browsers keep no cookie for longer than 400 days (RFC 6265bis section 5.5). */
const MAXIMUM_SESSION_DAYS = 400;

/**
 * Reads the environment once. Every problem is reported, not the first one only; a problem in one variable never hides
 * one in another. Variables of later features are checked as well, so that a typing error shows before it matters.
 */
export const readConfig = (env: Readonly<Record<string, unknown>>): ConfigResult => {
  const problems: ConfigProblem[] = [];
  const report = (variable: string, fix: string): void => {
    problems.push({ variable, fix });
  };
  const optional = (variable: string): string | null => {
    const value = env[variable];
    if (value === undefined || value === null) return null;
    if (typeof value === "string") return value.trim() || null;
    if (!problems.some((problem) => problem.variable === variable)) report(variable, "must be a text");
    return null;
  };
  const required = (variable: string, fix: string): string => {
    const value = optional(variable);
    if (value === null && typeof (env[variable] ?? "") === "string") report(variable, `is missing: ${fix}`);
    return value ?? "";
  };
  const list = (variable: string): string[] => {
    const value = optional(variable);
    const entries = value?.split(/[\s,]+/).filter(Boolean) ?? [];
    if (value !== null && entries.length === 0) report(variable, "has separators but no entry");
    return entries;
  };
  const origin = (variable: string, value: string): string => {
    const url = URL.canParse(value) ? new URL(value) : null;
    if (!url || !isSecureUrl(url)) {
      report(variable, "must be an https: origin (http: for localhost alone), as in https://auth.example.com");
    } else if (url.origin !== value) {
      report(variable, `must be an origin without path or trailing slash: write ${url.origin}`);
    }
    return value;
  };
  const wholeNumber = (variable: string, fallback: number, minimum: number, maximum: number): number => {
    const value = optional(variable);
    if (value === null) return fallback;
    const number = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= minimum && number <= maximum) return number;
    report(variable, `must be a whole number from ${minimum} to ${maximum}`);
    return fallback;
  };

  const flag = (variable: string): boolean => {
    const value = optional(variable) ?? "false";
    if (value !== "true" && value !== "false") report(variable, 'must be "true" or "false"');
    return value === "true";
  };

  const authOrigin = required("AUTH_ORIGIN", "set it to this Worker's own address, as in https://auth.example.com");
  if (authOrigin !== "") origin("AUTH_ORIGIN", authOrigin);

  const frontends: OriginPattern[] = [];
  required("FRONTEND_ORIGINS", "list the origins of your front ends, as in https://app.example.com");
  for (const entry of list("FRONTEND_ORIGINS")) {
    const pattern = parseOriginPattern(entry);
    if ("problem" in pattern) report("FRONTEND_ORIGINS", pattern.problem);
    else frontends.push(pattern);
  }

  const redirectUri = optional("KAKAO_REDIRECT_URI") ?? `${authOrigin}/login/kakao/callback`;
  if (optional("KAKAO_REDIRECT_URI") !== null && !isRedirectUri(redirectUri)) {
    report("KAKAO_REDIRECT_URI", "must be an https: address (http: for localhost alone) without query and fragment");
  }
  const kakao = {
    clientId: required("KAKAO_CLIENT_ID", "copy the REST API key from the Kakao console"),
    clientSecret: required("KAKAO_CLIENT_SECRET", "set it with `wrangler secret put KAKAO_CLIENT_SECRET`"),
    redirectUri,
    scope: list("KAKAO_SCOPE"),
    authOrigin: origin("KAKAO_AUTH_ORIGIN", optional("KAKAO_AUTH_ORIGIN") ?? "https://kauth.kakao.com"),
    apiOrigin: origin("KAKAO_API_ORIGIN", optional("KAKAO_API_ORIGIN") ?? "https://kapi.kakao.com"),
  };

  const secrets = list("AUTH_SECRET").map(decodeSecret);
  required("AUTH_SECRET", "make one with `openssl rand 32 | basenc --base64url` and set it as a secret");
  if (secrets.includes(null)) {
    report("AUTH_SECRET", "every key must be base64url of at least 32 random bytes (43 characters), comma separated");
  }

  const cookieDomain = optional("COOKIE_DOMAIN")?.replace(/^\./, "").toLowerCase() ?? null;
  if (cookieDomain !== null && !isParentDomain(cookieDomain, authOrigin)) {
    report("COOKIE_DOMAIN", "must be a parent domain of AUTH_ORIGIN's host that nobody else can register names under");
  }

  const activeHours = wholeNumber("SESSION_ACTIVE_HOURS", 24, 1, 24 * MAXIMUM_SESSION_DAYS);
  const idleDays = wholeNumber("SESSION_IDLE_DAYS", 14, 1, MAXIMUM_SESSION_DAYS);
  const absoluteDays = wholeNumber("SESSION_ABSOLUTE_DAYS", 90, 1, MAXIMUM_SESSION_DAYS);
  const revocationLag = wholeNumber("REVOCATION_LAG_SECONDS", 5, 0, 300) * 1000;
  const wantsReplicas = flag("D1_READ_REPLICAS");
  if (!["delete", "detach", null].includes(optional("ON_KAKAO_UNLINK"))) {
    report("ON_KAKAO_UNLINK", 'must be "delete" or "detach"');
  }
  if (!/^\d*$/.test(optional("KAKAO_APP_ID") ?? "")) report("KAKAO_APP_ID", "must be the app's number");

  // The auth host may stand in the list, but is never a front end.
  const exact = frontends.find((pattern) => pattern.kind === "exact" && pattern.origin !== authOrigin);
  const defaultReturnUrl = optional("DEFAULT_RETURN_URL") ?? (exact?.kind === "exact" ? `${exact.origin}/` : "");
  if (defaultReturnUrl === "" && frontends.length > 0) {
    report("DEFAULT_RETURN_URL", "is needed when FRONTEND_ORIGINS has no exact origin");
  } else if (defaultReturnUrl !== "" && !isUnderFrontend(frontends, authOrigin, defaultReturnUrl)) {
    report("DEFAULT_RETURN_URL", "must be an absolute address under one of FRONTEND_ORIGINS");
  }
  if (typeof env.DB !== "object" || env.DB === null) report("DB", "bind the D1 database as DB in wrangler.toml");

  if (problems.length > 0) return { problems };
  return {
    config: {
      authOrigin,
      frontends,
      defaultReturnUrl: new URL(defaultReturnUrl).href,
      kakao,
      keyring: createKeyring(secrets.filter((secret) => secret !== null)),
      cookieDomain,
      revocationLag,
      // A lag of zero leaves nothing that a replica could be trusted with.
      readReplicas: wantsReplicas && revocationLag > 0,
      tokenAudiences: list("TOKEN_AUDIENCES"),
      session: { active: activeHours * HOUR, idle: idleDays * DAY, absolute: absoluteDays * DAY },
    },
  };
};

const decodeSecret = (text: string): Uint8Array | null => {
  if (!/^[\w-]+=*$/.test(text)) return null;
  try {
    const bytes = base64url.decode(text.replace(/=+$/, ""));
    return bytes.byteLength >= MINIMUM_SECRET_BYTES ? bytes : null;
  } catch {
    return null;
  }
};

/** Kakao registers no query (its console refuses one) and compares the rest to the letter. */
const isRedirectUri = (address: string): boolean => {
  const url = URL.canParse(address) ? new URL(address) : null;
  return url !== null && isSecureUrl(url) && !/[?#]/.test(address) && url.username === "" && url.password === "";
};

const isParentDomain = (domain: string, authOrigin: string): boolean => {
  if (!URL.canParse(authOrigin)) return false;
  const { hostname } = new URL(authOrigin);
  return hostname.endsWith(`.${domain}`) && /[a-z]/.test(domain) && !isPublicSuffix(domain);
};

const isUnderFrontend = (frontends: readonly OriginPattern[], authOrigin: string, address: string): boolean => {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  const isPlain = url.username === "" && url.password === "" && url.origin !== authOrigin;
  return (
    isPlain && url.href.length <= MAXIMUM_TARGET_LENGTH && frontends.some((pattern) => matchesOrigin(pattern, url))
  );
};
