import { type KakaoFailure, KakaoRequestError, type KakaoStep } from "./errors.ts";

/** A person is waiting: no single call to Kakao may take longer. */
const DEADLINE_MILLISECONDS = 3000;

/** Kakao's largest documented answer is about 3 kB; a JWKS with several keys stays below this as well. */
const MAXIMUM_BYTES = 64 * 1024;

export type KakaoCall = {
  step: KakaoStep;
  url: string;
  method: "GET" | "POST";
  headers?: Record<string, string>;
  body?: URLSearchParams;
  signal?: AbortSignal | undefined;
};

/**
 * One call to Kakao with a deadline, a size limit and no followed redirect. Returns the body of a 2xx answer as text,
 * since numbers above 2^53 are lost once parsed.
 *
 * @throws {KakaoRequestError} for everything else
 */
export const callKakao = async (call: KakaoCall): Promise<string> => {
  const deadline = AbortSignal.timeout(DEADLINE_MILLISECONDS);
  const signal = call.signal ? AbortSignal.any([deadline, call.signal]) : deadline;

  let status: number | null = null;
  let text: string | null;
  try {
    const response = await fetch(call.url, {
      method: call.method,
      headers: { Accept: "application/json", ...call.headers },
      body: call.body ?? null,
      redirect: "manual",
      signal,
    });
    status = response.status;
    if (status >= 300 && status < 400) {
      await response.body?.cancel();
      throw failed(call, { status, code: "redirected" });
    }
    text = await readLimited(response);
  } catch (error) {
    if (error instanceof KakaoRequestError) throw error;
    // The runtime's own error may quote the address or headers, so it is named and dropped here.
    throw failed(call, { status, code: signal.aborted ? "timeout" : "network" });
  }

  if (status < 200 || status >= 300) throw refusal(call, status, text ?? "");
  if (text === null) throw failed(call, { status, code: "too_large" });
  return text;
};

/** Parses an answer that should be a JSON object, or fails as {@link callKakao} does. */
export const parseObject = (call: KakaoCall, text: string): Record<string, unknown> => {
  const value = parseJson(text);
  if (value === undefined) throw failed(call, { status: 200, code: "not_json" });
  if (!isObject(value)) throw failed(call, { status: 200, code: "unexpected_shape" });
  return value;
};

export const failed = (
  call: Pick<KakaoCall, "step" | "url" | "method">,
  why: Pick<KakaoFailure, "status" | "code"> & Partial<KakaoFailure>,
): KakaoRequestError => {
  const { origin, pathname } = new URL(call.url);
  return new KakaoRequestError({
    step: call.step,
    url: origin + pathname,
    method: call.method,
    error: null,
    ipMismatched: false,
    ...why,
  });
};

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** kauth answers `{error, error_code}`, kapi `{msg, code}`; a proxy in between answers HTML. */
const refusal = (call: KakaoCall, status: number, text: string): KakaoRequestError => {
  const body = parseJson(text);
  const { error_code: kauthCode, error, code: kapiCode, msg: message } = isObject(body) ? body : {};
  const code =
    typeof kauthCode === "string" && /^KOE\d{3}$/.test(kauthCode)
      ? kauthCode
      : Number.isSafeInteger(kapiCode)
        ? String(kapiCode)
        : `http_${status}`;
  return failed(call, {
    status,
    code,
    error: typeof error === "string" && /^[a-z_]{1,40}$/.test(error) ? error : null,
    ipMismatched: code === "-401" && typeof message === "string" && message.startsWith("ip mismatched"),
  });
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** `null`: the answer was larger than anything Kakao sends. */
const readLimited = async (response: Response): Promise<string | null> => {
  if (!response.body) return "";
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > MAXIMUM_BYTES) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
};
