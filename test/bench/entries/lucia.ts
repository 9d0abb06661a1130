import { d1 } from "@lucia-auth/adapter-sqlite";
import { Hono } from "hono";
import { getCookie } from "hono/cookie";
import { createAuth } from "../../../src/session/lucia.ts";

const HOUR = 60 * 60 * 1000;
const POLICY = { active: 24 * HOUR, idle: 14 * 24 * HOUR, absolute: 90 * 24 * HOUR };
const TABLES = { user: "user", session: "user_session", key: "user_key" };

let auth: ReturnType<typeof createAuth> | null = null;

/** Lucia as its documentation has it, over its own D1 adapter. The cookie holds the row's id, as Lucia stores it. */
export default new Hono<{ Bindings: { DB: D1Database } }>().get("/session", async (c) => {
  auth ??= createAuth(d1(c.env.DB, TABLES), POLICY);
  const { user, sessionId } = await auth.validateSession(getCookie(c, "__Host-session") ?? "");
  return c.json({ user, session: { id: sessionId } });
});
