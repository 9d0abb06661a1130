/** Two years (https://hstspreload.org). Never `includeSubDomains`: names below the auth host are not ours to bind. */
const STRICT_TRANSPORT_SECURITY = "max-age=63072000";

/** For answers that are no page: nothing in them may ever run or be framed. Pages replace it. */
const INERT = "default-src 'none'; frame-ancestors 'none'";

/** What every answer carries. */
export const STANDARD_HEADERS: readonly (readonly [name: string, value: string])[] = [
  ["Cache-Control", "no-store"],
  ["Strict-Transport-Security", STRICT_TRANSPORT_SECURITY],
  ["X-Content-Type-Options", "nosniff"],
  ["Referrer-Policy", "no-referrer"],
  ["Content-Security-Policy", INERT],
];
