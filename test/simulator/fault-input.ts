import { FAULT_ENDPOINTS, type Fault, type FaultEndpoint } from "./types.ts";

/** The kinds that the page offers; `claims` needs JSON and is set by JSON alone. */
const FAULT_KINDS = [
  "delay",
  "hang",
  "status",
  "html",
  "redirect",
  "truncated",
  "oversized",
  "kakao_error",
  "claims",
  "wrong_signature",
] as const satisfies readonly Fault["kind"][];

type FaultSetting = { endpoint: FaultEndpoint; fault: Fault; times: number | null };
export type ReadFault = { ok: true; setting: FaultSetting } | { ok: false; problem: string };

const refuse = (problem: string): ReadFault => ({ ok: false, problem });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isWholeNumber = (value: unknown, least: number, most: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;

/** The fault in a JSON object, or what is wrong with it. */
const readFault = (value: unknown): Fault | string => {
  if (!isRecord(value)) return "fault must be an object with a kind";
  const { kind } = value;
  switch (kind) {
    case "hang":
    case "html":
    case "truncated":
    case "oversized":
    case "wrong_signature":
      return { kind };
    case "delay":
      return isWholeNumber(value.ms, 0, 600_000) ? { kind, ms: value.ms } : "ms must be 0 to 600000";
    case "status": {
      const { status, body } = value;
      if (!isWholeNumber(status, 200, 599)) return "status must be 200 to 599";
      if (body === undefined) return { kind, status };
      return typeof body === "string" ? { kind, status, body } : "body must be text";
    }
    case "kakao_error": {
      const { status, body } = value;
      if (!isWholeNumber(status, 400, 599)) return "status must be 400 to 599";
      return isRecord(body) ? { kind, status, body } : "body must be the error's JSON object";
    }
    case "redirect":
      return typeof value.location === "string" ? { kind, location: value.location } : "location must be text";
    case "claims": {
      const { claims, header } = value;
      if (!isRecord(claims)) return "claims must be an object";
      if (header === undefined) return { kind, claims };
      return isRecord(header) ? { kind, claims, header } : "header must be an object";
    }
    default:
      return `kind must be one of ${FAULT_KINDS.join(", ")}`;
  }
};

/** Reads `{endpoint, fault, times?}` as `POST /simulator/faults` takes it. */
export const readFaultSetting = (value: unknown): ReadFault => {
  if (!isRecord(value)) return refuse("the body must be a JSON object {endpoint, fault, times}");
  const endpoint = FAULT_ENDPOINTS.find((known) => known === value.endpoint);
  if (endpoint === undefined) return refuse(`endpoint must be one of ${FAULT_ENDPOINTS.join(", ")}`);
  const times = value.times ?? null;
  if (times !== null && !isWholeNumber(times, 1, 1_000_000)) return refuse("times must be a whole number from 1");
  const fault = readFault(value.fault);
  return typeof fault === "string" ? refuse(fault) : { ok: true, setting: { endpoint, fault, times } };
};

/** The ready faults of the page: what an operator would like to see the Worker survive. */
export const READY_FAULTS: readonly { id: string; label: string; endpoint: FaultEndpoint; fault: Fault }[] = [
  { id: "token-slow", label: "토큰 요청이 5초 늦게 응답", endpoint: "token", fault: { kind: "delay", ms: 5000 } },
  { id: "token-500", label: "토큰 요청이 500으로 실패", endpoint: "token", fault: { kind: "status", status: 500 } },
  { id: "token-html", label: "토큰 요청이 HTML로 응답", endpoint: "token", fault: { kind: "html" } },
  {
    id: "token-secret",
    label: "클라이언트 시크릿이 틀림 (KOE010)",
    endpoint: "token",
    fault: {
      kind: "kakao_error",
      status: 401,
      body: { error: "invalid_client", error_description: "Bad client credentials", error_code: "KOE010" },
    },
  },
  {
    id: "token-quota",
    label: "토큰 발급 한도 초과 (KOE237)",
    endpoint: "token",
    fault: {
      kind: "kakao_error",
      status: 400,
      body: { error: "invalid_request", error_description: "token request rate limit exceeded", error_code: "KOE237" },
    },
  },
  { id: "token-signature", label: "ID 토큰의 서명이 틀림", endpoint: "token", fault: { kind: "wrong_signature" } },
  {
    id: "token-nonce",
    label: "ID 토큰의 nonce가 틀림",
    endpoint: "token",
    fault: { kind: "claims", claims: { nonce: "another" } },
  },
  { id: "user-hang", label: "사용자 정보가 응답하지 않음", endpoint: "user", fault: { kind: "hang" } },
  { id: "user-truncated", label: "사용자 정보가 중간에 끊김", endpoint: "user", fault: { kind: "truncated" } },
  {
    id: "user-consent",
    label: "사용자 정보에 동의 부족 (-402)",
    endpoint: "user",
    fault: { kind: "kakao_error", status: 403, body: { msg: "insufficient scopes.", code: -402 } },
  },
  {
    id: "user-maintenance",
    label: "카카오 점검 중 (-9798)",
    endpoint: "user",
    fault: { kind: "kakao_error", status: 503, body: { msg: "service is under maintenance", code: -9798 } },
  },
];
