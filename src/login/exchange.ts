import type { AppContext } from "../context.ts";
import { isFrontendOrigin } from "../frontends/origins.ts";
import { codeChallenge } from "../kakao/index.ts";
import { randomText } from "../lib/hash.ts";
import { refuse } from "../pages/respond.ts";
import { outdate } from "../session/check/feed.ts";
import { cookiePlace, setSessionCookie } from "../session/cookie.ts";
import { bookmarkOf, openPrimary } from "../session/database.ts";
import { type ExchangeResult, exchangeCode, type Transport } from "../session/sign-in/handoff.ts";
import { viewOf } from "../session/signed-in.ts";

/** RFC 7636 section 4.1 */
const CODE_VERIFIER = /^[A-Za-z0-9\-._~]{43,128}$/;

/**
 * `POST /session/exchange`: a front end turns its code into a session of its own. The cookie lands in the front end's
 * partition when the browser says that it is on another site.
 */
export const exchange = async (c: AppContext): Promise<Response> => {
  const config = c.get("config");
  const origin = c.req.header("Origin");
  if (origin === undefined || !isFrontendOrigin(config, origin)) return refuse(c, { kind: "invalid_origin" });
  const body = await readBody(c);
  if ("problem" in body) return refuse(c, { kind: "invalid_request", problem: body.problem });

  const { code, codeVerifier, transport } = body;
  const sessionToken = randomText();
  const now = Date.now();
  const db = openPrimary(c.env.DB, config);
  let result: ExchangeResult;
  try {
    result = await exchangeCode(db, config.session, {
      code,
      challenge: CODE_VERIFIER.test(codeVerifier) ? await codeChallenge(codeVerifier) : null,
      origin,
      transport,
      sessionToken,
      userAgent: c.req.header("User-Agent")?.slice(0, 256) ?? null,
      country: c.req.header("CF-IPCountry") ?? null,
      now,
    });
  } catch (cause) {
    return refuse(c, { kind: "unavailable", cause });
  }
  if (result.kind !== "exchanged") return refuse(c, { kind: "invalid_grant", result: result.kind, origin });
  const { signedIn, endedOthers } = result;
  if (endedOthers) outdate(c.get("memory").feed);

  const view = viewOf(signedIn);
  if (transport === "bearer") return c.json({ ...view, token: sessionToken });
  const { expiresAt } = signedIn.session;
  setSessionCookie(c, cookiePlace(c), sessionToken, { expiresAt, now, bookmark: bookmarkOf(db) });
  return c.json(view);
};

type Body = { code: string; codeVerifier: string; transport: Transport };

const readBody = async (c: AppContext): Promise<Body | { problem: string }> => {
  const type = (c.req.header("Content-Type") ?? "").split(";")[0]?.trim().toLowerCase();
  // A form could be sent from anywhere without a preflight.
  if (type !== "application/json") return { problem: "The body must be application/json." };
  let body: unknown;
  try {
    body = await c.req.json();
  } catch {
    body = null;
  }
  if (typeof body !== "object" || body === null) return { problem: "The body is no JSON object." };
  const { code, code_verifier: codeVerifier, transport = "cookie" }: Record<string, unknown> = { ...body };
  if (typeof code !== "string" || code === "") return { problem: "code is missing." };
  if (typeof codeVerifier !== "string") return { problem: "code_verifier is missing." };
  if (transport !== "cookie" && transport !== "bearer") return { problem: 'transport must be "cookie" or "bearer".' };
  return { code, codeVerifier, transport };
};
