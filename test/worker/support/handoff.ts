import { createHash, randomBytes } from "node:crypto";
import type { TestBrowser } from "./browser.ts";
import { AUTH, PARTNER, type TestWorker } from "./worker.ts";

/** A verifier and its S256 challenge, as a front end makes them. */
export const newVerifier = () => {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
};

/** Logs in with a hand-off and returns what the front end finds in its address. */
export const loginWithHandoff = async (
  browser: TestBrowser,
  { redirectTo = `${PARTNER}/in`, state = "front-end-state" }: { redirectTo?: string; state?: string } = {},
) => {
  const { verifier, challenge } = newVerifier();
  const query = { redirect_to: redirectTo, code_challenge: challenge, code_challenge_method: "S256", state };
  const callback = await browser.visitKakao({ query });
  const response = await browser.fetch(callback.href.replace(AUTH, ""));
  const target = new URL(response.headers.get("Location") ?? "about:blank");
  return { verifier, response, target, code: target.searchParams.get("code") ?? "" };
};

type Exchange = {
  code: string;
  code_verifier?: string;
  transport?: string;
};

/** `POST /session/exchange` as a page at `origin` sends it, from another site unless told otherwise. */
export const exchange = (worker: TestWorker, body: Exchange, headers: Record<string, string> = {}): Promise<Response> =>
  worker.fetch("/session/exchange", {
    method: "POST",
    headers: {
      Origin: PARTNER,
      "Content-Type": "application/json",
      "Sec-Fetch-Site": "cross-site",
      ...headers,
    },
    body: JSON.stringify(body),
  });

/** The value of the session cookie that an answer sets. */
export const sessionCookie = (response: Response): string =>
  /^__Host-session=([^;]+)/.exec(response.headers.getSetCookie().join("\n"))?.[1] ?? "";

/** Who a session token belongs to, asked with a bearer. */
export const whoIs = async (worker: TestWorker, token: string) => {
  const response = await worker.fetch("/session", { headers: { Authorization: `Bearer ${token}` } });
  return (await response.json()) as { user: { kakaoId: string } | null; session: { id: string } | null };
};
