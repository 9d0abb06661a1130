import { join } from "node:path";
import { type Answer, type Connection, getRequest, postRequest } from "../connection.ts";
import { VARIABLES } from "../variables.ts";
import { type Cookies, cookieHeader, keepCookies } from "./cookies.ts";
import { authJsTables, betterAuthTables } from "./tables.ts";
import { PEER_PACKAGES } from "./versions.ts";

/** One way to ask a peer who is signed in. */
export type PeerCheck = {
  title: string;
  path: string;
  /** The cookie that saves the check the database, where the browser of this one has lost it. */
  lost: string | null;
};

/** Another way to have people log in with Kakao on a Worker and D1. */
export type Peer = {
  name: string;
  title: string;
  /** How it was set up, in one line for the reader. */
  configured: string;
  entry: string;
  /** Compatibility flags that differ from ours; `null`: the same. */
  flags: readonly string[] | null;
  /** Its own tables; `null`: those of the migrations. */
  tables: ((modules: string) => Promise<string[]>) | null;
  /** The path of this Worker's callback. */
  callbackPath: string;
  /** The first one is what a front end asks. */
  checks: readonly [PeerCheck, ...PeerCheck[]];
  /** Begins a login as its front end does. Returns the address at Kakao. */
  start(connection: Connection, cookies: Cookies): Promise<string>;
};

const JSON_BODY = { "Content-Type": "application/json" };
const FORM_BODY = { "Content-Type": "application/x-www-form-urlencoded" };

const entry = (name: string): string => join(import.meta.dirname, name);

const BETTER_AUTH_CHECK = "/api/auth/get-session";

const betterAuth: Peer = {
  name: "better-auth",
  title: `better-auth ${PEER_PACKAGES["better-auth"]}`,
  configured:
    "after its guides for Cloudflare and performance: D1 as the database, its Kakao provider, cookie cache of 5 minutes, background tasks by `waitUntil`, Node.js compatibility on; beyond them joins on and the check of the schema off, which saves it D1 trips, and no rate limit, which would refuse the bench",
  entry: entry("better-auth.mjs"),
  flags: [],
  tables: betterAuthTables,
  callbackPath: "/api/auth/callback/kakao",
  checks: [
    { title: "better-auth, its endpoint, cookie cache", path: BETTER_AUTH_CHECK, lost: null },
    { title: "better-auth, `api.getSession` in a route, cookie cache", path: "/session", lost: null },
    {
      title: "better-auth, its endpoint, cache expired",
      path: BETTER_AUTH_CHECK,
      lost: "__Secure-better-auth.session_data",
    },
  ],
  start: async (connection, cookies) => {
    const wish = JSON.stringify({ provider: "kakao", callbackURL: "/" });
    const answer = await connection.ask(postRequest("/api/auth/sign-in/social", JSON_BODY, wish));
    keepCookies(cookies, answer);
    return JSON.parse(expectStatus(answer, 200).body).url;
  },
};

const authJs: Peer = {
  name: "auth-js",
  title: `Auth.js (@auth/core ${PEER_PACKAGES["@auth/core"]})`,
  configured: `@auth/d1-adapter ${PEER_PACKAGES["@auth/d1-adapter"]} with the tables that it makes, sessions in the database, its Kakao provider`,
  entry: entry("auth-js.mjs"),
  flags: null,
  tables: authJsTables,
  callbackPath: "/auth/callback/kakao",
  checks: [{ title: "Auth.js, its endpoint", path: "/auth/session", lost: null }],
  start: async (connection, cookies) => {
    const asked = await connection.ask(getRequest("/auth/csrf", {}));
    keepCookies(cookies, asked);
    const { csrfToken } = JSON.parse(expectStatus(asked, 200).body);
    const form = new URLSearchParams({ csrfToken, callbackUrl: VARIABLES.AUTH_ORIGIN }).toString();
    const headers = { ...FORM_BODY, Cookie: cookieHeader(cookies) };
    const answer = await connection.ask(postRequest("/auth/signin/kakao", headers, form));
    keepCookies(cookies, answer);
    return locationOf(answer);
  },
};

const lucia: Peer = {
  name: "lucia-login",
  title: "Lucia",
  configured:
    "after its page on Kakao: its own D1 adapter, this project's tables and Kakao provider (the published one names no redirect URI to Kakao, which refuses that), Hono",
  entry: entry("../entries/lucia-login.ts"),
  flags: null,
  tables: null,
  callbackPath: "/login/kakao/callback",
  checks: [{ title: "Lucia, `validateSession` in a Hono route", path: "/session", lost: null }],
  start: async (connection, cookies) => {
    const answer = await connection.ask(getRequest("/login/kakao", {}));
    keepCookies(cookies, answer);
    return locationOf(answer);
  },
};

/** All that a run with `--peers` measures. */
export const PEERS: readonly Peer[] = [betterAuth, authJs, lucia];

const expectStatus = (answer: Answer, status: number): Answer => {
  if (answer.status === status) return answer;
  throw new Error(`a peer answered ${answer.status}: ${answer.head}\n${answer.body}`);
};

const locationOf = (answer: Answer): string => {
  const location = /\r\nlocation: (\S+)/i.exec(expectStatus(answer, 302).head)?.[1];
  if (location === undefined) throw new Error(`a peer led nowhere: ${answer.head}`);
  return location;
};
