import type { Location } from "./browser.ts";
import { openPage, type Page } from "./page.ts";
import { authError } from "./request.ts";
import type { AuthClient, CreateAuthClient } from "./types.ts";

declare const location: Location;

const pages: Record<string, Page> = {};

/**
 * The browser's side of the auth host: one call to log in, one to ask who is signed in, on any site.
 *
 * Create it while the page loads. If the page is where a login comes back to, the address bar is cleaned at once and
 * the login is finished by itself; `session()` waits for that. Clients of one auth host share one state, so it may be
 * created as often as a framework likes.
 *
 * @throws TypeError when `origin` or an entry of `audience` is no URL
 * @example
 * const auth = createAuthClient({ origin: "https://auth.example.com" });
 * const { user } = await auth.session();
 * button.onclick = () => (user ? auth.logout() : auth.login());
 */
export const createAuthClient: CreateAuthClient = ({ origin, audience = [] }) => {
  const [issuer, ...others] = [origin, ...audience].map((url) => new URL(url).origin) as [string, ...string[]];
  pages[issuer] ??= openPage(issuer);
  const [client, bearer] = pages[issuer];
  // What the page knows shows through, `error` and `transport` included.
  return {
    __proto__: client,
    fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
      const request = new Request(input, { credentials: "include", ...init } as RequestInit);
      const target = new URL(request.url).origin;
      if (![issuer, location.origin, ...others].includes(target)) {
        throw authError("origin_refused", target);
      }
      const token = await bearer();
      if (token) request.headers.set("Authorization", `Bearer ${token}`);
      // As in `request()`. A page's own servers may send their callers on.
      return fetch(request, target === issuer ? { redirect: "error" } : {});
    },
  } as unknown as AuthClient;
};
