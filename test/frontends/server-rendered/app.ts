import { Hono } from "hono";
import { personPage, signedOutPage, unreachablePage } from "./page.ts";
import { type Ask, readSession, type Session } from "./session.ts";

export type ServerRenderedOptions = {
  /** Where this front end is reached: a sibling of the auth host, below `COOKIE_DOMAIN`. */
  origin: string;
  /** The Worker's origin. */
  authOrigin: string;
  /** How the server reaches the auth host; `fetch` outside tests. */
  ask?: Ask;
};

/**
 * A front end that is rendered on a server and sends no JavaScript: `/` is for signed-in people and sends others to the
 * login; `/signed-out` is for everybody.
 */
export function serverRenderedFrontend({ origin, authOrigin, ask = fetch }: ServerRenderedOptions): Hono {
  const login = `${authOrigin}/login/kakao?redirect_to=${encodeURIComponent(`${origin}/`)}`;

  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    // A page with a name on it is for one person alone, and for as long as that one is signed in.
    c.header("Cache-Control", "no-store");
  });

  app.get("/", async (c) => {
    let session: Session;
    try {
      session = await readSession(ask, authOrigin, c.req.header("Cookie"));
    } catch {
      return c.html(unreachablePage(), 503, { "Retry-After": "5" });
    }
    for (const cookie of session.setCookies) {
      c.header("Set-Cookie", cookie, { append: true });
    }
    if (session.user) {
      const { nickname, email } = session.user;
      return c.html(
        personPage({ nickname, email, logoutAction: `${authOrigin}/logout`, afterLogout: `${origin}/signed-out` }),
      );
    }
    // A login that failed comes back with `error`. Sending it on to the next login would go round in circles.
    const error = c.req.query("error");
    return error === undefined ? c.redirect(login) : c.html(signedOutPage({ error, login }));
  });

  app.get("/signed-out", (c) => c.html(signedOutPage({ error: null, login })));
  return app;
}
