import type { Fault, FaultEndpoint } from "./types.ts";

const PADDING_BLOCK = new TextEncoder().encode("x".repeat(64 * 1024));
const PADDING_BLOCKS = 256;
const HTML =
  "<!doctype html><html><head><title>점검 중</title></head><body><h1>서비스 점검 중입니다</h1></body></html>";

export type Faults = {
  set(endpoint: FaultEndpoint, fault: Fault, times?: number): void;
  clear(): void;
  list(): { endpoint: FaultEndpoint; fault: Fault; times: number }[];
  /** The fault for the next request to an endpoint, counting it. */
  take(endpoint: FaultEndpoint): Fault | null;
  /** Settles when the faults are cleared or the caller gives up. */
  untilCleared(signal: AbortSignal): Promise<void>;
};

/** The switchboard of faults: one at a time for each endpoint, for all requests or the next `times`. */
export const createFaults = (): Faults => {
  const active = new Map<FaultEndpoint, { fault: Fault; times: number }>();
  const waiting = new Set<() => void>();
  return {
    set: (endpoint, fault, times = Number.POSITIVE_INFINITY) => {
      active.set(endpoint, { fault, times });
    },
    clear: () => {
      active.clear();
      for (const release of [...waiting]) release();
    },
    list: () => [...active].map(([endpoint, { fault, times }]) => ({ endpoint, fault, times })),
    take: (endpoint) => {
      const entry = active.get(endpoint);
      if (entry === undefined) return null;
      entry.times -= 1;
      if (entry.times <= 0) active.delete(endpoint);
      return entry.fault;
    },
    untilCleared: (signal) =>
      new Promise((resolve) => {
        const release = () => {
          waiting.delete(release);
          resolve();
        };
        waiting.add(release);
        signal.addEventListener("abort", release, { once: true });
      }),
  };
};

const contentTypeOf = (body: string): string => {
  if (/^\s*[[{]/.test(body)) return "application/json;charset=UTF-8";
  return /^\s*</.test(body) ? "text/html;charset=UTF-8" : "text/plain;charset=UTF-8";
};

/** A right JSON object behind 16 MiB of padding: a reader without a size limit would accept it. */
const oversize = async (response: Response): Promise<Response> => {
  const rest = (await response.text()).trim().replace(/^\{/, "");
  const encoder = new TextEncoder();
  let block = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (block === 0) controller.enqueue(encoder.encode('{"padding":"'));
      if (block < PADDING_BLOCKS) controller.enqueue(PADDING_BLOCK);
      block += 1;
      if (block > PADDING_BLOCKS) {
        controller.enqueue(encoder.encode(rest.startsWith("}") ? `"${rest}` : `",${rest}`));
        controller.close();
      }
    },
  });
  return new Response(body, { status: response.status, headers: withoutLength(response.headers) });
};

const withoutLength = (headers: Headers): Headers => {
  const copy = new Headers(headers);
  copy.delete("content-length");
  return copy;
};

/**
 * Answers a request under a fault. `answer` runs the real route; the faults that replace Kakao never call it.
 * `claims` and `wrong_signature` change what the route makes, so the route itself sees to them.
 */
export const answerWithFault = async (
  fault: Fault | null,
  signal: AbortSignal,
  faults: Faults,
  answer: () => Promise<Response>,
): Promise<Response> => {
  if (fault === null) return answer();
  switch (fault.kind) {
    case "delay": {
      const response = await answer();
      await new Promise((resolve) => setTimeout(resolve, fault.ms));
      return response;
    }
    case "hang":
      await faults.untilCleared(signal);
      return new Response(null, { status: 503 });
    case "status": {
      if (fault.body === undefined) return new Response(null, { status: fault.status });
      return new Response(fault.body, { status: fault.status, headers: { "content-type": contentTypeOf(fault.body) } });
    }
    case "html":
      return new Response(HTML, { headers: { "content-type": "text/html;charset=UTF-8" } });
    case "redirect":
      return new Response(null, { status: 302, headers: { location: fault.location } });
    case "kakao_error": {
      const headers = new Headers({ "content-type": "application/json;charset=UTF-8" });
      const isFromApi = typeof fault.body === "object" && fault.body !== null && "code" in fault.body;
      if (fault.status === 401 && isFromApi) headers.set("www-authenticate", "Bearer error=invalid_token");
      return new Response(JSON.stringify(fault.body), { status: fault.status, headers });
    }
    case "truncated": {
      const response = await answer();
      const text = await response.text();
      return new Response(text.slice(0, Math.floor(text.length / 2)), {
        status: response.status,
        headers: withoutLength(response.headers),
      });
    }
    case "oversized":
      return oversize(await answer());
    case "claims":
    case "wrong_signature":
      return answer();
  }
};
