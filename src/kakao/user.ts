import { callKakao, failed, isObject, type KakaoCall, parseObject } from "./request.ts";
import type { KakaoUser } from "./types.ts";

/** Kakao's "Long" as decimal digits: at most 2^63 - 1, no sign, no leading zero, no exponent. */
const USER_NUMBER = /^[1-9]\d{0,18}$/;

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
  const user = parseObject(call, text);
  const userId = userNumber(text);
  if (userId === null || !isKakaoUser(user)) throw failed(call, { status: 200, code: "unexpected_shape" });
  return { user, userId };
};

/**
 * The digits of the top-level `id` of a JSON object, or `null` when it has none.
 * `JSON.parse` alone would turn 1376016924426111111 into another person's number.
 */
export const userNumber = (json: string): string | null => {
  const sources = new WeakMap<object, string>();
  const root: unknown = JSON.parse(json, function (this: object, key, value, context?: { source?: string }) {
    if (key === "id" && typeof value === "number" && context?.source) sources.set(this, context.source);
    return value;
  });
  const digits = isObject(root) ? sources.get(root) : undefined;
  return digits !== undefined && USER_NUMBER.test(digits) ? digits : null;
};

/** Fields inside `kakao_account` stay unchecked here: whoever shows one checks that one. */
const isKakaoUser = (value: Record<string, unknown>): value is KakaoUser =>
  typeof value.id === "number" && (value.kakao_account === undefined || isObject(value.kakao_account));
