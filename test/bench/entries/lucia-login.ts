import { d1 } from "@lucia-auth/adapter-sqlite";
import { type Context, Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { kakao, profileOf } from "../../../src/kakao/index.ts";
import { createAuth } from "../../../src/session/lucia.ts";

const HOUR = 60 * 60 * 1000;
const POLICY = { active: 24 * HOUR, idle: 14 * 24 * HOUR, absolute: 90 * 24 * HOUR };
const TABLES = { user: "user", session: "user_session", key: "user_key" };
const SESSION_COOKIE = "auth_session";
const STATE_COOKIE = "kakao_oauth_state";
const COOKIE = { httpOnly: true, secure: true, sameSite: "Lax", path: "/" } as const;

type LuciaEnv = { Bindings: Env };

const create = (env: Env) => {
  const auth = createAuth(d1(env.DB, TABLES), POLICY);
  const provider = kakao(auth, {
    clientId: env.KAKAO_CLIENT_ID,
    clientSecret: env.KAKAO_CLIENT_SECRET,
    redirectUri: `${env.AUTH_ORIGIN}/login/kakao/callback`,
  });
  return { auth, provider };
};

let created: ReturnType<typeof create> | null = null;

const luciaOf = (c: Context<LuciaEnv>) => {
  created ??= create(c.env);
  return created;
};

/**
 * Lucia as its Kakao page has it, over its own D1 adapter: a row a statement, the session's id in the cookie. The
 * provider is this project's: the published one sends no redirect URI with the code, and Kakao refuses that.
 */
export default new Hono<LuciaEnv>()
  .get("/session", async (c) => {
    const id = getCookie(c, SESSION_COOKIE);
    if (id === undefined) return c.json({ user: null, session: null });
    const { user, sessionId } = await luciaOf(c).auth.validateSession(id);
    return c.json({ user, session: { id: sessionId } });
  })
  .get("/login/kakao", async (c) => {
    const [url, state] = await luciaOf(c).provider.getAuthorizationUrl();
    setCookie(c, STATE_COOKIE, state, { ...COOKIE, maxAge: 60 * 60 });
    return c.redirect(url.toString());
  })
  .get("/login/kakao/callback", async (c) => {
    const { code, state } = c.req.query();
    if (!code || !state || state !== getCookie(c, STATE_COOKIE)) return c.text("Bad request", 400);
    const { auth, provider } = luciaOf(c);
    const { getExistingUser, createUser, kakaoUser, kakaoUserId } = await provider.validateCallback(code);
    const now = Date.now();
    const { emailVerified, ...profile } = profileOf(kakaoUser);
    const attributes = {
      ...profile,
      kakao_id: kakaoUserId,
      email_verified: emailVerified ? 1 : 0,
      created_at: now,
    };
    const user = (await getExistingUser()) ?? (await createUser({ attributes }));
    const session = await auth.createSession({
      userId: user.userId,
      attributes: {
        login_id: crypto.randomUUID(),
        created_at: now,
        absolute_expires: now + POLICY.absolute,
        last_seen_at: now,
        user_agent: null,
        country: null,
      },
    });
    deleteCookie(c, STATE_COOKIE, COOKIE);
    setCookie(c, SESSION_COOKIE, session.sessionId, { ...COOKIE, expires: session.idlePeriodExpiresAt });
    return c.redirect("/");
  });
