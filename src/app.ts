import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { methodNotAllowed } from "hono/method-not-allowed";
import { showHealth } from "./account/health.ts";
import { showKnownSession, verifyKnownSession } from "./account/known-session.ts";
import { listSessions, revokeOtherSessions, revokeSession } from "./account/logins.ts";
import { askLogout, logout } from "./account/logout.ts";
import { showSession, verifySession } from "./account/session.ts";
import type { AppEnv } from "./context.ts";
import {
  beginAnswer,
  guardAgainstForgery,
  headHasNoEffect,
  limitLogins,
  prepare,
  shareWithFrontends,
} from "./guards.ts";
import { finishCallback } from "./login/callback.ts";
import { exchange } from "./login/exchange.ts";
import { showLoginPage } from "./login/page.ts";
import { startLogin } from "./login/start.ts";
import { showClientScript } from "./pages/client-script.ts";
import { refuse } from "./pages/respond.ts";
import { issueToken } from "./tokens/issue.ts";
import { showKeys } from "./tokens/jwks.ts";

/** No body that this service takes is larger. */
const MAXIMUM_BODY_BYTES = 16 * 1024;

export const app = new Hono<AppEnv>();

// Before everything else: most requests are these two, and most of them are answered from memory.
app.get("/session", showKnownSession);
app.get("/session/verify", verifyKnownSession);

app.use(prepare, shareWithFrontends);
app.use(methodNotAllowed({ app, onMethodNotAllowed: (c, allow) => refuse(c, { kind: "method_not_allowed", allow }) }));
app.use(guardAgainstForgery);
app.use(
  bodyLimit({
    maxSize: MAXIMUM_BODY_BYTES,
    onError: (c) => refuse(c, { kind: "invalid_request", problem: "The body is larger than 16 kB." }),
  }),
);

app.get("/", showLoginPage);
app.get("/login/kakao", headHasNoEffect, limitLogins, startLogin);
app.get("/login/kakao/callback", headHasNoEffect, limitLogins, finishCallback);

app.post("/session/exchange", limitLogins, exchange);
app.get("/session", showSession);
app.get("/session/verify", verifySession);
app.post("/session/token", issueToken);
app.get("/.well-known/jwks.json", showKeys);
app.get("/sessions", listSessions);
app.delete("/sessions", revokeOtherSessions);
app.delete("/sessions/:id", revokeSession);

app.get("/logout", askLogout);
app.post("/logout", logout);

app.get("/health", showHealth);
app.get("/client.js", showClientScript);

app.notFound((c) => refuse(c, { kind: "not_found" }));
app.onError((cause, c) => {
  // Before the middleware ran there is no log yet.
  if (c.get("log") === undefined) beginAnswer(c);
  return refuse(c, { kind: "unexpected", cause });
});
