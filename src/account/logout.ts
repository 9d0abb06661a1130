import type { AppContext } from "../context.ts";
import { judgeReturnTarget, type ReturnTarget } from "../frontends/origins.ts";
import type { Failure } from "../pages/failure.ts";
import { logoutPage, signedOutPage } from "../pages/logout.ts";
import { page, refuse } from "../pages/respond.ts";
import { outdate } from "../session/check/feed.ts";
import { findKnown } from "../session/check/known.ts";
import { everyCredentialOf } from "../session/check/request.ts";
import { clearSessionCookie, cookiePlace } from "../session/cookie.ts";
import { readAsked } from "../session/credential.ts";
import { endLogins } from "../session/logins.ts";

type LogoutRequest = { redirectTo: ReturnTarget | null; everywhere: boolean; fromForm: boolean };

/** `GET /logout`: asks first, since a link or an image on another site must not sign anybody out. */
export const askLogout = async (c: AppContext): Promise<Response> => {
  const targets = c.req.queries("redirect_to") ?? [];
  const target = readTarget(c, targets);
  if ("failure" in target) return refuse(c, target.failure);
  const { redirectTo } = target;
  return page(
    c,
    (frame) => logoutPage(frame, { redirectTo: redirectTo?.href ?? null, cancelHref: redirectTo?.href ?? null }),
    {
      // Chromium holds the redirect after the form's POST against the policy of the page with the form.
      formActionOrigins: redirectTo ? [redirectTo.origin] : [],
    },
  );
};

/** `POST /logout`: ends this login, or all of the user's. Nothing happens unless the whole request is good. */
export const logout = async (c: AppContext): Promise<Response> => {
  const request = await readLogout(c);
  if ("failure" in request) return refuse(c, request.failure);

  const { transport, tokens } = everyCredentialOf(c);
  if (tokens.length === 0 && isFormFromAnotherSite(c)) return c.redirect(askAgain(request.redirectTo), 303);
  if (tokens.length > 0) {
    try {
      const { everywhere } = request;
      // Only then: anybody can send an invented token, and should not make this isolate ask D1 about everybody.
      if (await endLogins(c.env.DB, tokens, { everywhere, now: Date.now() })) outdate(c.get("memory").feed);
    } catch (cause) {
      // It may be done all the same. But no stranger may end what answers go on from while D1 is away.
      if (await isKnown(c)) outdate(c.get("memory").feed);
      // The cookie stays: without the row deleted, the session would live on where nobody can reach it.
      return refuse(c, { kind: "unavailable", cause });
    }
    if (transport === "cookie") clearSessionCookie(c, cookiePlace(c));
  }
  if (request.redirectTo) return c.redirect(request.redirectTo.href, 302);
  return request.fromForm ? page(c, (frame) => signedOutPage(frame, { loginHref: "/" })) : c.body(null, 204);
};

/** Whether this isolate can tell that the request's session is a real one, without D1. */
const isKnown = async (c: AppContext): Promise<boolean> => {
  const { cookieDomain, keyring, authOrigin: issuer, revocationLag: lag } = c.get("config");
  const asked = readAsked(cookieDomain, c.req.raw.headers);
  if (asked === null) return false;
  // Asked as a proxy asks: a token remembered without its proof will do, and one that is due for renewal too.
  const tools = { keyring, issuer, lag, memory: c.get("memory"), asker: "proxy" } as const;
  return (await findKnown(tools, asked.credential, asked.proof, Date.now())) !== null;
};

/** A form on another site's page sends no `SameSite=Lax` cookie: saying "signed out" to it would be a lie. */
const isFormFromAnotherSite = (c: AppContext): boolean =>
  c.req.header("Sec-Fetch-Site") === "cross-site" && c.req.header("Sec-Fetch-Mode") === "navigate";

/** The page that asks, to which the browser does send the cookie. */
const askAgain = (redirectTo: ReturnTarget | null): string =>
  redirectTo ? `/logout?${new URLSearchParams({ redirect_to: redirectTo.href })}` : "/logout";

const readLogout = async (c: AppContext): Promise<LogoutRequest | { failure: Failure }> => {
  const type = (c.req.header("Content-Type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const fromForm = type === "application/x-www-form-urlencoded" || type === "multipart/form-data";
  const fields = fromForm ? await readForm(c) : await readJson(c);
  if (fields === null)
    return { failure: { kind: "invalid_request", problem: "The body is no form and no JSON object." } };
  const everywhere = fields.everywhere ?? [];
  if (everywhere.length > 1) return { failure: { kind: "invalid_request", problem: "everywhere was sent twice." } };
  const target = readTarget(c, fields.redirect_to ?? []);
  if ("failure" in target) return target;
  return { redirectTo: target.redirectTo, everywhere: isTrue(everywhere[0]), fromForm };
};

type Fields = Partial<Record<"redirect_to" | "everywhere", unknown[]>>;

const readForm = async (c: AppContext): Promise<Fields | null> => {
  try {
    const form = await c.req.formData();
    return { redirect_to: form.getAll("redirect_to"), everywhere: form.getAll("everywhere") };
  } catch {
    return null;
  }
};

const readJson = async (c: AppContext): Promise<Fields | null> => {
  try {
    const text = await c.req.text();
    const body: unknown = text.trim() === "" ? {} : JSON.parse(text);
    if (typeof body !== "object" || body === null || Array.isArray(body)) return null;
    const { redirect_to, everywhere }: Record<string, unknown> = { ...body };
    const listed = (value: unknown) => (value === undefined || value === null ? [] : [value]);
    return { redirect_to: listed(redirect_to), everywhere: listed(everywhere) };
  } catch {
    return null;
  }
};

const isTrue = (value: unknown): boolean => value === true || value === "true";

const readTarget = (c: AppContext, values: unknown[]): { redirectTo: ReturnTarget | null } | { failure: Failure } => {
  const [address] = values;
  if (values.length > 1) return { failure: { kind: "invalid_request", problem: "redirect_to was sent twice." } };
  if (address === undefined) return { redirectTo: null };
  if (typeof address !== "string") {
    return { failure: { kind: "invalid_request", problem: "redirect_to must be a text." } };
  }
  const judged = judgeReturnTarget(c.get("config"), address);
  if ("allowed" in judged) return { redirectTo: judged.allowed };
  const origin = URL.canParse(address) ? new URL(address).origin.slice(0, 200) : null;
  return { failure: { kind: "redirect_refused", rule: judged.refused, origin } };
};
