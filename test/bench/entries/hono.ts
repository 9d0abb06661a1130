import { Hono } from "hono";

/** The yardstick: a bare Hono answer. */
export default new Hono().get("/session", (c) => c.json({ ok: true }));
