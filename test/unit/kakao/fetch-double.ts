import { afterEach, vi } from "vitest";

/** Stands in for the network of this test. Returns every request in the order sent, bodies still unread. */
export const answerFetch = (answer: (request: Request) => Response | Promise<Response>): Request[] => {
  const requests: Request[] = [];
  // undici holds a request's signal weakly: without this a test that waits for an abort could wait for ever.
  const underWay: Request[] = [];
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    // A copy: whoever sent a request still holds its body, as with a real network.
    const request = input instanceof Request ? input.clone() : new Request(input, init);
    requests.push(request.clone());
    underWay.push(request);
    return Promise.race([answer(request), rejectOnAbort(request.signal)]);
  });
  return requests;
};

const rejectOnAbort = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });

afterEach(() => {
  vi.unstubAllGlobals();
});

export const jsonAnswer = (body: unknown, status = 200): Response =>
  new Response(typeof body === "string" ? body : JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json;charset=UTF-8" },
  });

/** An answer of the token endpoint in Kakao's shape, for an app without OpenID Connect. */
export const TOKEN_ANSWER = {
  token_type: "bearer",
  access_token: "access-token-of-the-double",
  expires_in: 21_599,
  refresh_token: "refresh-token-of-the-double",
  refresh_token_expires_in: 5_183_999,
  scope: "account_email profile_nickname",
};

/** Kakao's two endpoints behind a login, answering with these bodies. */
export const answerLogin = (bodies: { token?: unknown; user: unknown }): Request[] =>
  answerFetch((request) =>
    jsonAnswer(new URL(request.url).pathname === "/oauth/token" ? (bodies.token ?? TOKEN_ANSWER) : bodies.user),
  );
