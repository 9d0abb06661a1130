import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { type AuthorizeRequest, parseAuthorizeRequest } from "./authorize-request.ts";
import { consentToAsk } from "./consent.ts";
import { consentPage } from "./pages/consent.ts";
import { expiredPage, setUpErrorPage } from "./pages/error.ts";
import { loginPage } from "./pages/login.ts";
import { agree, findLink, findPerson, personFor, randomText, type Transaction, type WebSession } from "./state.ts";
import type { Person } from "./types.ts";
import type { RouteEnv, World } from "./world.ts";

const SESSION_COOKIE = "kakao_simulator_session";
const DAY = 24 * 60 * 60 * 1000;
/** Kakao keeps its own login for a day, or for a month with "stay logged in". */
const SESSION_LIFE = { day: DAY, month: 30 * DAY };
const TRANSACTION_LIFE = 30 * 60 * 1000;
const CODE_LIFE = 10 * 60 * 1000;

/** The redirect back to the app, spaces as %20 as Kakao writes them. `state` comes back when it was sent. */
const callbackUrl = (request: AuthorizeRequest, parameters: Record<string, string>): string => {
  const all = request.state === null ? parameters : { ...parameters, state: request.state };
  const query = Object.entries(all).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${request.redirectUri}?${query.join("&")}`;
};

const denial = (request: AuthorizeRequest, error: string, description: string): string =>
  callbackUrl(request, { error, error_description: description });

/**
 * `GET /oauth/authorize` and the login and consent pages behind it.
 * Set-up errors are Kakao's own page (400), never a redirect; what the person decides goes to the redirect URI.
 *
 * @see https://developers.kakao.com/docs/latest/ko/kakaologin/rest-api#request-code
 */
export const authorizeRoutes = (world: World) => {
  const { state, now } = world;

  const findSession = (context: Context<RouteEnv>): WebSession | null => {
    const session = state.webSessions.get(getCookie(context, SESSION_COOKIE) ?? "");
    return session !== undefined && session.expiresAt > now() ? session : null;
  };

  const startSession = (context: Context<RouteEnv>, person: Person, life: number): WebSession => {
    const session = { person, authenticatedAt: now(), expiresAt: now() + life };
    const id = randomText(32);
    state.webSessions.set(id, session);
    const secure = new URL(world.authOrigin).protocol === "https:";
    setCookie(context, SESSION_COOKIE, id, { path: "/", httpOnly: true, sameSite: "Lax", secure, maxAge: life / 1000 });
    return session;
  };

  const findTransaction = (id: unknown): { id: string; transaction: Transaction } | null => {
    if (typeof id !== "string") return null;
    const transaction = state.transactions.get(id);
    return transaction !== undefined && transaction.expiresAt > now() ? { id, transaction } : null;
  };

  const openTransaction = (request: AuthorizeRequest, person: Person | null): string => {
    const id = randomText(24);
    state.transactions.set(id, { request, person, expiresAt: now() + TRANSACTION_LIFE });
    return id;
  };

  const grantCode = (request: AuthorizeRequest, session: WebSession): string => {
    const { app, key } = request.client;
    const code = randomText(65);
    state.codes.set(code, {
      grant: { app, key, person: session.person, authenticatedAt: session.authenticatedAt, openId: request.openId },
      redirectUri: request.redirectUri,
      nonce: request.nonce,
      codeChallenge: request.codeChallenge,
      expiresAt: now() + CODE_LIFE,
    });
    return callbackUrl(request, { code });
  };

  /** Where a browser goes whose person is known: back to the app, or to the consent page. */
  const proceed = (request: AuthorizeRequest, session: WebSession, transactionId: string | null): string => {
    const { app } = request.client;
    const { person } = session;
    if (app.refusesUnderFourteen === true && person.underFourteen === true) {
      return denial(request, "access_denied", "Not allowed under age 14");
    }
    if (consentToAsk(request, findLink(state, app, person)) === null) {
      if (transactionId !== null) state.transactions.delete(transactionId);
      return grantCode(request, session);
    }
    if (request.prompts.includes("none")) return denial(request, "consent_required", "user consent required.");
    return `/consent?kauth_tx_id=${transactionId ?? openTransaction(request, person)}`;
  };

  return new Hono<RouteEnv>()
    .get("/oauth/authorize", (context) => {
      const parsed = parseAuthorizeRequest(world.apps, new URL(context.req.url).searchParams);
      if (!parsed.ok) return context.html(setUpErrorPage(parsed.error), 400);
      const { request } = parsed;
      const session = findSession(context);
      const asksWho = request.prompts.some((prompt) => prompt !== "none");
      if (session !== null && !asksWho) return context.redirect(proceed(request, session, null), 302);
      // Kakao's text for this refusal is not documented, its code is.
      if (request.prompts.includes("none")) {
        return context.redirect(denial(request, "login_required", "user login required."), 302);
      }
      const transactionId = openTransaction(request, null);
      return context.html(
        loginPage({ request, transactionId, people: state.people, current: session?.person ?? null }),
      );
    })
    .post("/login", async (context) => {
      const form = await context.req.parseBody();
      const found = findTransaction(form.kauth_tx_id);
      if (found === null) return context.html(expiredPage(), 400);
      const { id, transaction } = found;
      const loginId = typeof form.login_id === "string" ? form.login_id.trim() : "";
      const nickname = typeof form.nickname === "string" ? form.nickname.trim() : "";
      const chosen = typeof form.person === "string" ? findPerson(state, form.person) : null;
      const person = chosen ?? (loginId === "" ? null : personFor(state, loginId, nickname));
      if (person === null) {
        const page = loginPage({
          request: transaction.request,
          transactionId: id,
          people: state.people,
          current: null,
        });
        return context.html(page, 400);
      }
      const session = startSession(context, person, form.stay === "true" ? SESSION_LIFE.month : SESSION_LIFE.day);
      transaction.person = person;
      return context.redirect(proceed(transaction.request, session, id), 302);
    })
    .get("/consent", (context) => {
      const found = findTransaction(context.req.query("kauth_tx_id"));
      const session = findSession(context);
      if (found === null || session === null || found.transaction.person !== session.person) {
        return context.html(expiredPage(), 400);
      }
      const { request } = found.transaction;
      const asked = consentToAsk(request, findLink(state, request.client.app, session.person));
      if (asked === null) return context.redirect(proceed(request, session, found.id), 302);
      const { person } = session;
      return context.html(consentPage({ request, asked, person, transactionId: found.id, missing: false }));
    })
    .post("/consent", async (context) => {
      const form = await context.req.formData();
      const found = findTransaction(form.get("kauth_tx_id"));
      const session = findSession(context);
      if (found === null || session === null || found.transaction.person !== session.person) {
        return context.html(expiredPage(), 400);
      }
      const { id, transaction } = found;
      const { request } = transaction;
      const { app } = request.client;
      if (form.get("decision") !== "agree") {
        state.transactions.delete(id);
        return context.redirect(denial(request, "access_denied", "User denied access"), 302);
      }
      const asked = consentToAsk(request, findLink(state, app, session.person)) ?? { items: [], terms: [] };
      const ticked = form.getAll("agree");
      const items = asked.items.filter((item) => ticked.includes(item.id));
      const terms = asked.terms.filter((term) => ticked.includes(`terms:${term.tag}`));
      const open = [...asked.items, ...asked.terms].filter((entry) => entry.required);
      if (!open.every((entry) => [...items, ...terms].some((agreed) => agreed === entry))) {
        const page = consentPage({ request, asked, person: session.person, transactionId: id, missing: true });
        return context.html(page, 400);
      }
      state.transactions.delete(id);
      const agreed = { items: items.map((item) => item.id), terms: terms.map((term) => term.tag), now: now() };
      agree(state, app, session.person, agreed);
      return context.redirect(grantCode(request, session), 302);
    });
};
