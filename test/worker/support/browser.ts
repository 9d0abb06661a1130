import type { Person } from "../../simulator/index.ts";
import { AUTH, SHOP, type TestWorker } from "./worker.ts";

/** The body of `GET /session`. */
type SessionView = {
  user: {
    id: string;
    kakaoId: string;
    nickname: string | null;
    picture: string | null;
    email: string | null;
    emailVerified: boolean;
    createdAt: string;
  } | null;
  session: { id: string; createdAt: string; expiresAt: string } | null;
};

/** A browser as far as the Worker can tell: it keeps the auth host's cookies and sends them back. */
export type TestBrowser = {
  readonly cookies: Map<string, string>;
  /** The `Cookie` header it would send now. */
  cookieHeader(): string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Asks who is signed in. */
  session(init?: RequestInit): Promise<SessionView>;
  /** Follows the link to the auth host; returns where Kakao is. */
  start(query?: Record<string, string>): Promise<URL>;
  /** Follows the link, logs in at Kakao as `person`; returns Kakao's redirect back to us, not yet followed. */
  visitKakao(choice?: { person?: Person; cancel?: boolean; query?: Record<string, string> }): Promise<URL>;
  /** The whole way: link, Kakao, callback. */
  login(choice?: { person?: Person; cancel?: boolean; query?: Record<string, string> }): Promise<Response>;
};

export const newBrowser = (worker: TestWorker): TestBrowser => {
  const cookies = new Map<string, string>();
  const cookieHeader = () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");

  const browse: TestBrowser["fetch"] = async (path, init = {}) => {
    const headers = new Headers(init.headers);
    if (cookies.size > 0 && !headers.has("Cookie")) headers.set("Cookie", cookieHeader());
    const response = await worker.fetch(path, { ...init, headers });
    for (const line of response.headers.getSetCookie()) keep(cookies, line);
    return response;
  };

  const browser: TestBrowser = {
    cookies,
    cookieHeader,
    fetch: browse,
    session: async (init) => (await browse("/session", init)).json() as Promise<SessionView>,
    start: async (query = { redirect_to: `${SHOP}/welcome` }) => {
      const response = await browse(`/login/kakao?${new URLSearchParams(query)}`);
      return new URL(response.headers.get("Location") ?? "about:blank");
    },
    visitKakao: async ({ person, cancel, query } = {}) =>
      worker.kakao.authorize(await browser.start(query), {
        ...(person && { person }),
        ...(cancel !== undefined && { cancel }),
      }),
    login: async (choice) => {
      const callback = await browser.visitKakao(choice);
      return browse(callback.href.replace(AUTH, ""));
    },
  };
  return browser;
};

/** RFC 6265 section 5.3, as far as one host and path needs it: a cookie set again keeps its place in the order. */
const keep = (cookies: Map<string, string>, line: string): void => {
  const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
  const [name = "", ...value] = pair.split("=");
  const maxAge = attributes.find((attribute) => /^max-age=/i.test(attribute))?.slice(8);
  if (maxAge === undefined || Number(maxAge) > 0) cookies.set(name, value.join("="));
  else cookies.delete(name);
};
