import { kapiError } from "./errors.ts";
import { type AccessToken, findLink, findPerson, type Link } from "./state.ts";
import type { KakaoApp, Person } from "./types.ts";
import type { World } from "./world.ts";

/** Whom a call to a user API is about. */
export type Subject = { app: KakaoApp; person: Person; link: Link };

const credentialIn = (request: Request, scheme: string): string | null => {
  const [name, value, ...rest] = (request.headers.get("authorization") ?? "").split(" ");
  return name?.toLowerCase() === scheme.toLowerCase() && value && rest.length === 0 ? value : null;
};

/**
 * The access token of a `Bearer` call, or the answer that refuses it: -401 with 401 and `WWW-Authenticate`.
 *
 * @see https://developers.kakao.com/docs/latest/ko/rest-api/error-code
 */
export const readAccessToken = (world: World, request: Request): { value: AccessToken } | { refusal: Response } => {
  const text = credentialIn(request, "Bearer");
  if (text === null) return { refusal: kapiError(401, -401, "no authentication key!") };
  const token = world.state.accessTokens.get(text);
  if (token === undefined) return { refusal: kapiError(401, -401, "this access token does not exist") };
  if (token.expiresAt <= world.now()) return { refusal: kapiError(401, -401, "this access token is already expired") };
  return { value: token };
};

/**
 * Whom a call is about: the owner of the access token, or with `Authorization: KakaoAK ${ADMIN_KEY}` the person in
 * `target_id` (`target_id_type=user_id`). Somebody who is not linked to the app is -101.
 */
export const readSubject = (
  world: World,
  request: Request,
  parameters: URLSearchParams,
): { value: Subject } | { refusal: Response } => {
  const { state } = world;
  const adminKey = credentialIn(request, "KakaoAK");
  let app: KakaoApp;
  let person: Person | null;
  if (adminKey === null) {
    const token = readAccessToken(world, request);
    if ("refusal" in token) return token;
    ({ app, person } = token.value.grant);
  } else {
    const owner = world.apps.find((candidate) => candidate.adminKey === adminKey);
    if (owner === undefined) return { refusal: kapiError(401, -401, "wrong appKey or accessToken format") };
    const target = parameters.get("target_id") ?? "";
    if (parameters.get("target_id_type") !== "user_id" || !/^\d{1,19}$/.test(target)) {
      return { refusal: kapiError(400, -2, "target_id_type=user_id and a numeric target_id are required") };
    }
    app = owner;
    person = findPerson(state, target);
  }
  const link = person === null ? null : findLink(state, app, person);
  if (person === null || link === null) return { refusal: kapiError(400, -101, "NotRegisteredUserException") };
  return { value: { app, person, link } };
};
