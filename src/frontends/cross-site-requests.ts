import { type Frontends, isFrontendOrigin } from "./origins.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** RFC 9110 section 9.2.1: nothing of ours changes by these. */
export const isSafeMethod = (method: string): boolean => SAFE_METHODS.has(method);

/** What a cross-site request forgery defence reads of a request. */
export type RequestSource = {
  method: string;
  origin: string | null;
  secFetchSite: string | null;
  hasCookie: boolean;
};

/**
 * Whether a request may change anything (CWE-352). An `Origin` must be a front end's or our own, cookie or not; without
 * one, a request that carries a cookie must say that it comes from our own page. Programs without cookies pass: they
 * have no authority that a page could borrow.
 *
 * @see https://html.spec.whatwg.org/multipage/browsers.html#origin and Fetch Metadata, `Sec-Fetch-Site`
 */
export const mayChangeState = (frontends: Frontends, source: RequestSource): boolean => {
  if (isSafeMethod(source.method)) return true;
  if (source.origin !== null) {
    return source.origin === frontends.authOrigin || isFrontendOrigin(frontends, source.origin);
  }
  return !source.hasCookie || source.secFetchSite === "same-origin";
};
