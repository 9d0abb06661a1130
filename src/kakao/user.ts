import { callKakao, failed, isObject, type KakaoCall, parseObject } from "./request.ts";
import type { KakaoUser } from "./types.ts";

/** Kakao's "Long" as decimal digits: no sign, no leading zero, no exponent. */
const USER_NUMBER = /^[1-9]\d{0,18}$/;
const LARGEST_LONG = 2n ** 63n - 1n;

/**
 * Reads the user behind an access token. `userId` is the user number as it stood on the wire.
 *
 * @see https://developers.kakao.com/docs/latest/ko/kakaologin/rest-api#req-user-info
 * @throws {KakaoRequestError}
 */
export const fetchUser = async (
  apiOrigin: string,
  accessToken: string,
  signal: AbortSignal | undefined,
): Promise<{ user: KakaoUser; userId: string }> => {
  const call: KakaoCall = {
    step: "user",
    // Without secure_resource the image addresses are http: and a page over TLS would not show them.
    url: `${apiOrigin}/v2/user/me?secure_resource=true`,
    method: "GET",
    headers: { Authorization: `Bearer ${accessToken}` },
    signal,
  };
  const text = await callKakao(call);
  const { kakao_account: account, ...user } = parseObject(call, text);
  const userId = userNumber(text);
  const isKnownShape = isKakaoUser(user) && (account === undefined || account === null || isObject(account));
  if (userId === null || !isKnownShape) throw failed(call, { status: 200, code: "unexpected_shape" });
  // Fields inside stay unchecked here: whoever shows one checks that one.
  return { user: isObject(account) ? { ...user, kakao_account: account } : user, userId };
};

/**
 * The digits of the top-level `id` of a JSON object, or `null` when it has none.
 * `JSON.parse` alone would turn 1376016924426111111 into another person's number.
 */
export const userNumber = (json: string): string | null => {
  const sources = new WeakMap<object, string>();
  let root: unknown;
  try {
    root = JSON.parse(json, function (this: object, key, value, context?: { source?: string }) {
      if (key === "id" && typeof value === "number" && context?.source) sources.set(this, context.source);
      return value;
    });
  } catch {
    // A reviver is called recursively: a document of thousands of levels exhausts the stack that plain parsing does not.
    return null;
  }
  const digits = isObject(root) ? sources.get(root) : undefined;
  return digits !== undefined && USER_NUMBER.test(digits) && BigInt(digits) <= LARGEST_LONG ? digits : null;
};

const isKakaoUser = (value: Record<string, unknown>): value is KakaoUser => typeof value.id === "number";
