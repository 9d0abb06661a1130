import { createLocalJWKSet, type JSONWebKeySet } from "jose";
import { callKakao, failed, isObject, type KakaoCall, parseObject } from "./request.ts";

type KeySet = ReturnType<typeof createLocalJWKSet>;

/** Kakao blocks callers that fetch its keys too often, and rotates them rarely. */
const FRESH_MILLISECONDS = 60 * 60 * 1000;

/** While Kakao's key endpoint is down, keys seen within this time still count. */
const USABLE_MILLISECONDS = 24 * 60 * 60 * 1000;

/** Per isolate. Finished answers only: a shared pending promise would hang once its own request is aborted. */
const cache = new Map<string, { keySet: KeySet; keyIds: ReadonlySet<string>; fetchedAt: number }>();

/**
 * Kakao's public keys, from the cache when it has the asked key and is fresh. An unknown key id fetches again at once:
 * it came with an answer of Kakao's own token endpoint, so a stranger cannot make this Worker fetch.
 *
 * @throws {KakaoRequestError} step `jwks`
 */
export const keySetFor = async (
  authOrigin: string,
  keyId: string | null,
  signal: AbortSignal | undefined,
): Promise<KeySet> => {
  const cached = cache.get(authOrigin);
  const age = cached ? Date.now() - cached.fetchedAt : Number.POSITIVE_INFINITY;
  const known = cached !== undefined && keyId !== null && cached.keyIds.has(keyId);
  if (known && age < FRESH_MILLISECONDS) return cached.keySet;
  try {
    return await fetchKeySet(authOrigin, signal);
  } catch (error) {
    if (known && age < USABLE_MILLISECONDS) return cached.keySet;
    throw error;
  }
};

const fetchKeySet = async (authOrigin: string, signal: AbortSignal | undefined): Promise<KeySet> => {
  const call: KakaoCall = { step: "jwks", url: `${authOrigin}/.well-known/jwks.json`, method: "GET", signal };
  const answer = parseObject(call, await callKakao(call));
  if (!isKeySet(answer)) throw failed(call, { status: 200, code: "unexpected_shape" });
  const keySet = createLocalJWKSet(answer);
  const keyIds = new Set(answer.keys.flatMap((key) => key.kid ?? []));
  cache.set(authOrigin, { keySet, keyIds, fetchedAt: Date.now() });
  return keySet;
};

const isKeySet = (value: Record<string, unknown>): value is Record<string, unknown> & JSONWebKeySet =>
  Array.isArray(value.keys) && value.keys.every(isObject);
