import type { Answer } from "../connection.ts";

/** The cookies of one browser. */
export type Cookies = Map<string, string>;

/** Keeps what an answer sets, and drops what it clears. */
export const keepCookies = (cookies: Cookies, { head }: Answer): void => {
  for (const [, name = "", value = "", attributes = ""] of head.matchAll(
    /\r\nset-cookie: ([^=\r]+)=([^;\r]*)([^\r]*)/gi,
  )) {
    const expires = /; *expires=([^;]+)/i.exec(attributes)?.[1];
    const isCleared = /; *max-age=0/i.test(attributes) || (expires !== undefined && Date.parse(expires) < Date.now());
    if (isCleared) cookies.delete(name);
    else cookies.set(name, value);
  }
};

/** The value of the `Cookie` header. */
export const cookieHeader = (cookies: Cookies): string =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
