// What a CSP host-source can say (no IPv6 literals); anything else could end the directive and start another.
const HOST_SOURCE = /^https?:\/\/(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?$/;
const NONCE = /^[A-Za-z0-9+/_-]{16,}={0,2}$/;

/**
 * The `Content-Security-Policy` of a hosted page: one inline style, no script, no frame around it, nothing loaded.
 *
 * @param nonce base64 or base64url of at least 96 random bits, new for every response; the same as in `PageFrame`
 * @param formActionOrigins origins a form on the page may end at, as `https://app.example.com` or
 *   `https://*.example.com`. Chromium holds the redirect after a form's POST against this list too, so POST /logout
 *   with a `redirect_to` needs its origin here. What is no CSP host-source is left out.
 * @throws {TypeError} a nonce that could be guessed or would break out of its quotes
 * @see CSP Level 3, sections 2.3.1 (source lists) and 6.4.1 (form-action)
 */
export const contentSecurityPolicy = (nonce: string, formActionOrigins: readonly string[]): string => {
  if (!NONCE.test(nonce)) throw new TypeError("A CSP nonce is base64 text of at least 16 characters.");
  const formAction = ["'self'", ...formActionOrigins.filter((origin) => HOST_SOURCE.test(origin))];
  return [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    // The empty data: icon of the layout, which spares a request for /favicon.ico.
    "img-src data:",
    `form-action ${formAction.join(" ")}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
};
