import type { AuthorizeRequest } from "./authorize-request.ts";
import { inventPerson, READY_PEOPLE } from "./people.ts";
import type { KakaoApp, Person } from "./types.ts";

/** One person's connection to one app: what they agreed to, and since when. Times are milliseconds. */
export type Link = { agreed: Set<string>; terms: Set<string>; connectedAt: number };

/** A browser's login at Kakao itself. */
export type WebSession = { person: Person; authenticatedAt: number; expiresAt: number };

/** An authorize request that waits for the person. `person` is null until they logged in for this request. */
export type Transaction = { request: AuthorizeRequest; person: Person | null; expiresAt: number };

/** What the tokens of one authorization share. */
export type Grant = {
  app: KakaoApp;
  key: string;
  person: Person;
  authenticatedAt: number;
  openId: boolean;
};
type AuthorizationCode = {
  grant: Grant;
  redirectUri: string;
  nonce: string | null;
  codeChallenge: string | null;
  expiresAt: number;
};
export type AccessToken = { grant: Grant; expiresAt: number };
type RefreshToken = { grant: Grant; expiresAt: number };

/** Everything that Kakao remembers. The only place with mutable facts about people and apps. */
export type State = {
  people: Person[];
  links: Map<string, Link>;
  webSessions: Map<string, WebSession>;
  transactions: Map<string, Transaction>;
  codes: Map<string, AuthorizationCode>;
  accessTokens: Map<string, AccessToken>;
  refreshTokens: Map<string, RefreshToken>;
  /** Times of token issue by app, person and kind of token, for KOE237. */
  issued: Map<string, number[]>;
};

export const createState = (): State => ({
  people: [...READY_PEOPLE],
  links: new Map(),
  webSessions: new Map(),
  transactions: new Map(),
  codes: new Map(),
  accessTokens: new Map(),
  refreshTokens: new Map(),
  issued: new Map(),
});

/** An unguessable opaque text in the alphabet of Kakao's codes and tokens. */
export const randomText = (bytes: number): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("base64url");

const linkKey = (app: KakaoApp, person: Person) => `${app.appId}:${person.id}`;

export const findLink = (state: State, app: KakaoApp, person: Person): Link | null =>
  state.links.get(linkKey(app, person)) ?? null;

/** Links a person to an app (연결), or adds to what they agreed to. */
export const agree = (
  state: State,
  app: KakaoApp,
  person: Person,
  consent: { items: readonly string[]; terms: readonly string[]; now: number },
): Link => {
  const link = findLink(state, app, person) ?? { agreed: new Set(), terms: new Set(), connectedAt: consent.now };
  for (const item of consent.items) link.agreed.add(item);
  for (const term of consent.terms) link.terms.add(term);
  state.links.set(linkKey(app, person), link);
  return link;
};

const removeTokens = (state: State, matches: (grant: Grant) => boolean): void => {
  for (const tokens of [state.accessTokens, state.refreshTokens, state.codes]) {
    for (const [value, { grant }] of tokens) if (matches(grant)) tokens.delete(value);
  }
};

/** Ends the tokens of one authorization. */
export const revokeGrant = (state: State, revoked: Grant): void => removeTokens(state, (grant) => grant === revoked);

/** Ends every token that an app holds for a person. */
export const revokeAll = (state: State, app: KakaoApp, person: Person): void =>
  removeTokens(state, (grant) => grant.app.appId === app.appId && grant.person.id === person.id);

/** Forgets consent and tokens (연결 끊기). False: they were not linked. */
export const unlink = (state: State, app: KakaoApp, person: Person): boolean => {
  revokeAll(state, app, person);
  return state.links.delete(linkKey(app, person));
};

export const findPerson = (state: State, id: string): Person | null =>
  state.people.find((person) => person.id === id) ?? null;

/** The account behind what somebody typed at the login page, made on the spot when there is none. */
export const personFor = (state: State, loginId: string, nickname: string): Person => {
  const known = state.people.find((person) => person.loginId.toLowerCase() === loginId.toLowerCase());
  if (known !== undefined) return known;
  const person = inventPerson(String(2_604_118_000 + state.people.length), loginId, nickname);
  state.people.push(person);
  return person;
};
