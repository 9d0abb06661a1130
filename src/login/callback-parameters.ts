const PARAMETERS = ["code", "state", "error", "error_description"] as const;

/** A state of ours: 32 bytes of base64url. */
const STATE = /^[\w-]{43}$/;

/** Kakao's codes have some 90 characters; the limit only keeps a stranger's from being carried on. */
const CODE = /^[\x21-\x7e]{1,1024}$/;

declare const validated: unique symbol;

/** An authorization code that came in a well-formed callback; nothing else can be exchanged. */
export type AuthorizationCode = string & { readonly [validated]: true };

export type CallbackParameters = {
  state: string;
  answer: { kind: "code"; code: AuthorizationCode } | { kind: "error"; error: string } | { kind: "malformed" };
};

/**
 * Reads what Kakao's redirect carries (RFC 6749 section 4.1.2). A parameter sent twice is refused: two readers could
 * pick different ones (CWE-235). `null`: nothing of ours.
 */
export const readCallback = (query: URLSearchParams): CallbackParameters | { problem: string } | null => {
  const twice = PARAMETERS.find((name) => query.getAll(name).length > 1);
  if (twice) return { problem: `${twice} was sent twice.` };
  const state = query.get("state");
  if (state === null || !STATE.test(state)) return null;
  const code = query.get("code");
  const error = query.get("error");
  if (error !== null && code === null && error !== "") return { state, answer: { kind: "error", error } };
  if (error === null && code !== null && isCode(code)) return { state, answer: { kind: "code", code } };
  return { state, answer: { kind: "malformed" } };
};

const isCode = (text: string): text is AuthorizationCode => CODE.test(text);
