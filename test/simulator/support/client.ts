import { createHash } from "node:crypto";
import { expect } from "vitest";
import { type AuthorizeChoice, createKakao, DEFAULT_APP, type Kakao, type KakaoApp } from "../index.ts";

export const REDIRECT_URI = "https://auth.example.com/login/kakao/callback";
export const KAUTH = "https://kauth.kakao.com";
export const KAPI = "https://kapi.kakao.com";

/** The test's own clock. */
export type Clock = { time: number; now: () => number };
export const createClock = (): Clock => {
  const clock = { time: Date.parse("2026-11-23T03:10:00Z"), now: () => clock.time };
  return clock;
};
export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

export const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
export const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");

/** Parameters to change; null leaves one out. */
export type Changes = Record<string, string | null>;
const merge = (parameters: Record<string, string>, changes: Changes): URLSearchParams =>
  new URLSearchParams(
    Object.entries({ ...parameters, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null),
  );

/** A Kakao and an app's server that talks to it, right in every parameter that a test does not change. */
export const createClient = (
  options: { app?: Partial<KakaoApp>; others?: readonly KakaoApp[]; clock?: Clock } = {},
) => {
  const app: KakaoApp = { ...DEFAULT_APP, ...options.app };
  const apps = [app, ...(options.others ?? [])];
  const kakao: Kakao = createKakao({ apps, ...(options.clock && { now: options.clock.now }) });

  const authorizeUrl = (changes: Changes = {}): string => {
    const parameters = { response_type: "code", client_id: app.restApiKey, redirect_uri: REDIRECT_URI };
    return `${KAUTH}/oauth/authorize?${merge(parameters, changes)}`;
  };
  const postToken = (changes: Changes = {}, headers: Record<string, string> = {}): Promise<Response> => {
    const parameters = {
      grant_type: "authorization_code",
      client_id: app.restApiKey,
      client_secret: app.clientSecret ?? "",
      redirect_uri: REDIRECT_URI,
    };
    return kakao.fetch(
      new Request(`${KAUTH}/oauth/token`, { method: "POST", body: merge(parameters, changes), headers }),
    );
  };
  const obtainCode = async (choice: AuthorizeChoice = {}, changes: Changes = {}): Promise<string> => {
    const back = await kakao.authorize(authorizeUrl(changes), choice);
    return back.searchParams.get("code") ?? expect.fail(`no code in ${back.href}`);
  };
  const logIn = async (choice: AuthorizeChoice = {}, changes: Changes = {}): Promise<Tokens> => {
    const response = await postToken({ code: await obtainCode(choice, changes) });
    expect(response.status).toBe(200);
    return (await response.json()) as Tokens;
  };
  const callApi = (path: string, token: string | null, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (token !== null) headers.set("authorization", `Bearer ${token}`);
    return kakao.fetch(new Request(`${KAPI}${path}`, { ...init, headers }));
  };
  return { kakao, app, authorizeUrl, postToken, obtainCode, logIn, callApi };
};

export type Tokens = {
  access_token: string;
  refresh_token: string;
  expires_in: number;
  id_token?: string;
  scope?: string;
};

/** Waits for nothing but an exact status and a JSON body. */
export const readJson = async (response: Response, status = 200): Promise<Record<string, unknown>> => {
  const text = await response.text();
  expect(`${response.status} ${text}`).toMatch(new RegExp(`^${status} `));
  return JSON.parse(text) as Record<string, unknown>;
};
