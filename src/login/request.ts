/** What a link to `/login/kakao` may ask for. */
export type LoginRequest = {
  redirectTo: string | null;
  prompt: readonly string[];
  loginHint: string | null;
  scope: readonly string[];
  serviceTerms: readonly string[];
  codeChallenge: string | null;
  /** The front end's own state, handed back to it unread. */
  state: string | null;
  /** With `prompt=none`: only a session at the auth host counts, and Kakao is not asked. */
  sessionOnly: boolean;
};

const PARAMETERS = [
  "redirect_to",
  "prompt",
  "login_hint",
  "scope",
  "service_terms",
  "code_challenge",
  "code_challenge_method",
  "state",
  "session_only",
] as const;

/** `prompt` values of Kakao's authorize endpoint. */
const PROMPTS = new Set(["login", "none", "create", "select_account"]);

/** Printable, and short enough that the sealed attempt still fits into one cookie. */
const SHORT_TEXT = /^[^\p{Cc}]{1,256}$/u;
const STATE = /^[\x20-\x7e]{1,512}$/;
const ITEM = /^[\w.-]{1,64}$/;
const MAXIMUM_ITEMS = 20;

/** SHA-256 in base64url (RFC 7636 section 4.2). */
const CODE_CHALLENGE = /^[\w-]{43}$/;

/** `prompt=none` (OpenID Connect Core section 3.1.2.1): no page may be shown, whatever happens. */
export const isSilent = ({ prompt }: LoginRequest): boolean => prompt.includes("none");

/**
 * Reads the query of a login link. Unknown parameters are ignored; a known one must come once and make sense, since a
 * link that half works is harder to debug than one that says what is wrong with it.
 */
export const readLoginRequest = (query: URLSearchParams): LoginRequest | { problem: string } => {
  const twice = PARAMETERS.find((name) => query.getAll(name).length > 1);
  if (twice) return { problem: `${twice} was sent twice; send it once.` };

  const list = (name: string): string[] =>
    query
      .get(name)
      ?.split(/[\s,]+/)
      .filter(Boolean) ?? [];
  const request: LoginRequest = {
    redirectTo: query.get("redirect_to"),
    prompt: list("prompt"),
    loginHint: query.get("login_hint") || null,
    scope: list("scope"),
    serviceTerms: list("service_terms"),
    codeChallenge: query.get("code_challenge"),
    state: query.get("state") || null,
    sessionOnly: query.get("session_only") === "true",
  };

  if (!request.prompt.every((value) => PROMPTS.has(value))) {
    return { problem: `prompt must be one of ${[...PROMPTS].join(", ")}.` };
  }
  if (request.prompt.includes("none") && request.prompt.length > 1) {
    return { problem: "prompt=none cannot be combined with another prompt." };
  }
  if (request.sessionOnly && !isSilent(request)) {
    return { problem: "session_only=true needs prompt=none." };
  }
  if (request.loginHint !== null && !SHORT_TEXT.test(request.loginHint)) {
    return { problem: "login_hint must be at most 256 printable characters." };
  }
  for (const [name, items] of [
    ["scope", request.scope],
    ["service_terms", request.serviceTerms],
  ] as const) {
    if (items.length > MAXIMUM_ITEMS || !items.every((item) => ITEM.test(item))) {
      return { problem: `${name} must be at most ${MAXIMUM_ITEMS} names, separated by commas.` };
    }
  }
  if (request.state !== null && !STATE.test(request.state)) {
    return { problem: "state must be at most 512 printable ASCII characters." };
  }
  const method = query.get("code_challenge_method");
  if (request.codeChallenge === null && method !== null) {
    return { problem: "code_challenge_method came without code_challenge." };
  }
  if (request.codeChallenge !== null && (method !== "S256" || !CODE_CHALLENGE.test(request.codeChallenge))) {
    return { problem: "code_challenge must be the S256 challenge of a verifier, with code_challenge_method=S256." };
  }
  return request;
};
