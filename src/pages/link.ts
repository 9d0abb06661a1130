// Browsers drop tabs and line breaks inside a URL and read "\" as "/": "/\t/host" and "/\host" would leave the site.
const READ_DIFFERENTLY_BY_BROWSERS = /[\p{Cc}\\]/u;
const LOCAL_OR_WEB = /^(?:\/(?!\/)|\?|https?:\/\/)/i;

/**
 * The last check before a text becomes a link: a path of this origin, a query, or an absolute `http(s):` URL stays as
 * it is; everything else (`javascript:`, `data:`, `//host`) becomes `/`. Escaping alone stops none of these (CWE-79,
 * CWE-601). Which web addresses are allowed is decided before, by whoever passes them in.
 */
export const safeLink = (target: string): string =>
  LOCAL_OR_WEB.test(target) && !READ_DIFFERENTLY_BY_BROWSERS.test(target) ? target : "/";
