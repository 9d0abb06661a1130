import { Hono } from "hono";
import { getCookie } from "hono/cookie";

/** The least that a session in D1 costs: one row by its primary key. The cookie holds the row's id. */
export default new Hono<{ Bindings: { DB: D1Database } }>().get("/session", async (c) => {
  const id = getCookie(c, "__Host-session") ?? "";
  const session = await c.env.DB.prepare("SELECT * FROM user_session WHERE id = ?").bind(id).first();
  return c.json({ session }, session ? 200 : 401);
});
