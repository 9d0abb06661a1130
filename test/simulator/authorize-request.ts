import { type Client, findClient, redirectUrisOf } from "./apps.ts";
import type { ConsentItem, KakaoApp, ServiceTerms } from "./types.ts";

const PROMPTS = ["login", "none", "create", "select_account"] as const;
type Prompt = (typeof PROMPTS)[number];
const isPrompt = (text: string): text is Prompt => PROMPTS.some((prompt) => prompt === text);

/** An authorize request whose set-up is right. `null`: the parameter was not sent. */
export type AuthorizeRequest = {
  client: Client;
  redirectUri: string;
  state: string | null;
  nonce: string | null;
  codeChallenge: string | null;
  prompts: readonly Prompt[];
  loginHint: string | null;
  /** Consent items named in `scope`, without `openid`. */
  scope: readonly ConsentItem[] | null;
  openId: boolean;
  serviceTerms: readonly ServiceTerms[];
};

/** A set-up error, shown on Kakao's own page and never sent to the redirect URI. */
export type SetUpError = { koe: string; detail: string };
export type ParsedRequest = { ok: true; request: AuthorizeRequest } | { ok: false; error: SetUpError };

const refuse = (koe: string, detail: string): ParsedRequest => ({ ok: false, error: { koe, detail } });

/** The docs write commas, Kakao's own SDKs send spaces; both are in use. */
const splitScope = (scope: string): string[] => scope.split(/[,\s]+/).filter((item) => item !== "");
const splitList = (list: string): string[] => list.split(",").filter((item) => item !== "");

const findItems = (app: KakaoApp, ids: readonly string[]): ConsentItem[] | null => {
  const items = ids.map((id) => app.consentItems.find((item) => item.id === id));
  return items.every((item) => item !== undefined) ? items : null;
};

/**
 * Checks an authorize request in Kakao's order: app key, redirect URI, response type, then the rest.
 * KOE204 for an unknown `prompt`, an unknown terms tag and a malformed challenge is this simulator's assumption: the
 * documentation names the code ("invalid parameter") but not the cases.
 *
 * @see https://developers.kakao.com/docs/latest/ko/kakaologin/rest-api#request-code
 */
export const parseAuthorizeRequest = (apps: readonly KakaoApp[], query: URLSearchParams): ParsedRequest => {
  for (const name of query.keys()) {
    if (query.getAll(name).length > 1) return refuse("KOE001", `${name} is sent more than once`);
  }
  const key = query.get("client_id");
  const client = findClient(apps, key ?? "");
  if (client === null) return refuse("KOE101", `Not exist client_id [${key}]`);
  const { app } = client;

  const redirectUri = query.get("redirect_uri");
  if (redirectUri === null) return refuse("KOE207", "redirect_uri is missing");
  if (client.kind === "native" && /^https?:/.test(redirectUri)) {
    return refuse("KOE008", "client_id is a native app key; the web needs the REST API key");
  }
  if (!redirectUrisOf(client).includes(redirectUri)) {
    return refuse("KOE006", `redirect_uri is not registered: ${redirectUri}`);
  }

  const responseType = query.get("response_type");
  if (responseType === null) return refuse("KOE207", "response_type is missing");
  if (responseType === "token") return refuse("KOE202", "the implicit grant is not allowed");
  if (responseType === "id_token") return refuse("KOE033", "malformed request: response_type=id_token");
  if (responseType !== "code") return refuse("KOE201", `response_type is not supported: ${responseType}`);

  const prompts = splitList(query.get("prompt") ?? "");
  if (!prompts.every(isPrompt)) return refuse("KOE204", `prompt is not valid: ${prompts.join(",")}`);
  if (prompts.includes("none") && prompts.length > 1) return refuse("KOE204", "prompt=none stands alone");

  const codeChallenge = query.get("code_challenge");
  const method = query.get("code_challenge_method");
  if ((codeChallenge === null) !== (method === null) || (method !== null && method !== "S256")) {
    return refuse("KOE204", "code_challenge goes with code_challenge_method=S256");
  }
  if (codeChallenge !== null && !/^[A-Za-z0-9_-]{43}$/.test(codeChallenge)) {
    return refuse("KOE204", "code_challenge is not a SHA-256 digest in base64url");
  }

  const scopeText = query.get("scope");
  const scopeIds = scopeText === null || scopeText === "" ? null : splitScope(scopeText);
  if (scopeIds?.includes("openid") && !app.openIdConnect) return refuse("KOE205", "openid: OpenID Connect is off");
  const ids = scopeIds?.filter((id) => id !== "openid") ?? [];
  const items = findItems(app, ids);
  if (items === null) return refuse("KOE205", `a consent item in scope is not set up: ${ids.join(",")}`);

  const tags = splitList(query.get("service_terms") ?? "");
  const terms = tags.map((tag) => app.serviceTerms?.find((candidate) => candidate.tag === tag));
  if (!terms.every((term) => term !== undefined)) return refuse("KOE204", `unknown service_terms: ${tags.join(",")}`);

  return {
    ok: true,
    request: {
      client,
      redirectUri,
      state: query.get("state"),
      nonce: query.get("nonce"),
      codeChallenge,
      prompts,
      loginHint: query.get("login_hint"),
      scope: scopeIds === null ? null : items,
      // With OpenID Connect on, an id_token comes unless scope is sent and leaves `openid` out.
      openId: app.openIdConnect && (scopeIds?.includes("openid") ?? true),
      serviceTerms: terms,
    },
  };
};
