import { Hono } from "hono";
import { type AccessToken, requireAccessToken } from "../../../src/resource/index.ts";
import type { AuthService } from "../../../src/service.ts";

type Bindings = { AUTH: Service<typeof AuthService> };

/** Calls one method of the binding by its name, so that a test can ask for what is not there. */
type Call = { method: string; inputs: unknown[] };

const app = new Hono<{ Bindings: Bindings; Variables: { accessToken: AccessToken } }>();

app.post("/call", async (c) => {
  const { method, inputs } = await c.req.json<Call>();
  try {
    const member: unknown = Reflect.get(c.env.AUTH, method);
    if (typeof member !== "function") return c.json({ value: (await member) ?? null });
    return c.json({ value: (await Reflect.apply(member, c.env.AUTH, inputs)) ?? null });
  } catch (error) {
    return c.json({ thrown: error instanceof Error ? error.message : "something else" });
  }
});

app.use("/api/*", requireAccessToken({ issuer: "https://auth.shop.test", audience: "https://api.shop.test" }));
app.get("/api/me", (c) => c.json(c.get("accessToken")));

/** A Worker of the same account that trusts the auth Worker: by its service binding, and by its access tokens. */
export default app;
