import { isSecureUrl, MAXIMUM_TARGET_LENGTH, matchesOrigin, type OriginPattern } from "../lib/origin-pattern.ts";

/** The part of the configuration that says who is ours. */
export type Frontends = { readonly authOrigin: string; readonly frontends: readonly OriginPattern[] };

/** Which rule refused a return target; the names are stable and part of the error's description. */
export type ReturnTargetRule =
  | "unreadable"
  | "control_characters"
  | "too_long"
  | "scheme"
  | "credentials"
  | "auth_host"
  | "unlisted_origin";

/** A return target that was judged: `href` is its WHATWG serialization. */
export type ReturnTarget = { readonly href: string; readonly origin: string };

/** Spaces, C0 controls, DEL and backslashes: the URL parser drops or rewrites them, so two readers could differ. */
const AMBIGUOUS = /[\u0000-\u0020\u007f\\]/;

/**
 * Judges where a login or logout may send a browser (CWE-601). The only place that decides; login, logout and the
 * hand-off all ask here.
 */
export const judgeReturnTarget = (
  { authOrigin, frontends }: Frontends,
  address: string,
): { allowed: ReturnTarget } | { refused: ReturnTargetRule } => {
  if (AMBIGUOUS.test(address)) return { refused: "control_characters" };
  if (address.length > MAXIMUM_TARGET_LENGTH) return { refused: "too_long" };
  if (!URL.canParse(address)) return { refused: "unreadable" };
  const url = new URL(address);
  if (!isSecureUrl(url)) return { refused: "scheme" };
  // The parser reads "https:app.example.com" and "https:///app.example.com" too; nobody writes those by accident.
  if (!/^https?:\/\/[^/]/i.test(address)) return { refused: "unreadable" };
  if (url.username !== "" || url.password !== "") return { refused: "credentials" };
  if (url.origin === authOrigin) return { refused: "auth_host" };
  if (!frontends.some((pattern) => matchesOrigin(pattern, url))) return { refused: "unlisted_origin" };
  if (url.href.length > MAXIMUM_TARGET_LENGTH) return { refused: "too_long" };
  return { allowed: { href: url.href, origin: url.origin } };
};

/** Whether the value of an `Origin` header is one of the front ends. The auth host's own origin is not one. */
export const isFrontendOrigin = ({ authOrigin, frontends }: Frontends, origin: string): boolean => {
  if (origin === authOrigin) return false;
  // The common case, for which nothing has to be parsed: patterns hold serialized origins.
  if (frontends.some((pattern) => pattern.kind === "exact" && pattern.origin === origin)) return true;
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  // A browser sends the serialized origin; anything else, "null" included, was not written by one.
  return url.origin === origin && isSecureUrl(url) && frontends.some((pattern) => matchesOrigin(pattern, url));
};
