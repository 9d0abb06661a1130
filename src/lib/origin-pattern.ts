import { isPublicSuffix } from "./public-suffix/is-public-suffix.ts";

/**
 * One entry of `FRONTEND_ORIGINS`: an exact origin, or a wildcard that stands for exactly one DNS label at the left.
 * `port` is empty for the scheme's default, as in `URL`.
 */
export type OriginPattern =
  | { kind: "exact"; origin: string }
  | { kind: "wildcard"; protocol: string; parent: string; port: string };

/** In characters. A sealed login attempt with a longer return target would not fit into one cookie of 4,096 bytes. */
export const MAXIMUM_TARGET_LENGTH = 2048;

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** `http:` is bearable where no network lies between: the developer's own machine. */
const isLoopback = (hostname: string): boolean => LOOPBACK.has(hostname);

/** `https:` anywhere, `http:` on loopback. */
export const isSecureUrl = (url: URL): boolean =>
  url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));

/** The pattern, or in one sentence what is wrong with the entry and how to write it. */
export const parseOriginPattern = (entry: string): OriginPattern | { problem: string } => {
  const wildcard = /^(https?:)\/\/\*\.(.+)$/.exec(entry);
  const address = wildcard ? `${wildcard[1]}//${wildcard[2]}` : entry;
  if (address.includes("*")) {
    return { problem: `"${entry}": a * may only be the whole first label, as in https://*.myproject.pages.dev` };
  }
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || !isSecureUrl(url)) {
    return { problem: `"${entry}": write an https: origin such as https://app.example.com (http: only on localhost)` };
  }
  if (url.origin !== address) {
    const proper = wildcard ? url.origin.replace("//", "//*.") : url.origin;
    return { problem: `"${entry}": an origin has no path, credentials or default port; write ${proper}` };
  }
  if (!wildcard) return { kind: "exact", origin: url.origin };
  if (isPublicSuffix(url.hostname) || !/[a-z]/.test(url.hostname)) {
    return {
      problem: `"${entry}": anybody can register a name below ${url.hostname}; write *.yourname.${url.hostname}`,
    };
  }
  return { kind: "wildcard", protocol: url.protocol, parent: url.hostname, port: url.port };
};

/** What can stand before the first dot of a host name; `*` is none, though the URL parser lets it pass. */
const DNS_LABEL = /^[a-z0-9_-]{1,63}$/;

/** Compares serialized origins and whole labels, never substrings of an address. */
export const matchesOrigin = (pattern: OriginPattern, url: URL): boolean => {
  if (pattern.kind === "exact") return url.origin === pattern.origin;
  const [first = "", ...rest] = url.hostname.split(".");
  const isSibling = DNS_LABEL.test(first) && rest.join(".") === pattern.parent;
  return isSibling && url.protocol === pattern.protocol && url.port === pattern.port;
};
