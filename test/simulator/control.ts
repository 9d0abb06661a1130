import { Hono } from "hono";
import { READY_FAULTS, readFaultSetting } from "./fault-input.ts";
import { controlPage } from "./pages/control.ts";
import type { RouteEnv, World } from "./world.ts";

const readJson = async (request: Request): Promise<unknown> => {
  try {
    return await request.json();
  } catch {
    return null;
  }
};

/**
 * The simulator's own switchboard, which the real Kakao does not have: `GET /simulator` is a page;
 * `POST /simulator/faults` takes `{"endpoint", "fault", "times"}` as JSON (204, or 400 with what is wrong) and the
 * page's form; `DELETE /simulator/faults` clears all.
 */
export const controlRoutes = (world: World) =>
  new Hono<RouteEnv>()
    .use("/simulator/*", async (context, next) => {
      // Another site's page must not switch faults on in somebody's local demo.
      const site = context.req.header("sec-fetch-site") ?? "none";
      const isSafe = context.req.method === "GET" || site === "same-origin" || site === "none";
      return isSafe ? next() : context.json({ error: "only this page may change faults" }, 403);
    })
    .get("/simulator", (context) => context.html(controlPage(world)))
    .post("/simulator/faults", async (context) => {
      if (context.req.header("content-type")?.startsWith("application/json")) {
        const read = readFaultSetting(await readJson(context.req.raw));
        if (!read.ok) return context.json({ error: read.problem }, 400);
        const { endpoint, fault, times } = read.setting;
        world.faults.set(endpoint, fault, times ?? undefined);
        return context.body(null, 204);
      }
      const form = await context.req.parseBody();
      const ready = READY_FAULTS.find(({ id }) => id === form.ready);
      if (ready === undefined) return context.json({ error: "send application/json, or the form's ready fault" }, 400);
      world.faults.set(ready.endpoint, ready.fault, form.once === "true" ? 1 : undefined);
      return context.redirect("/simulator", 303);
    })
    .post("/simulator/faults/clear", (context) => {
      world.faults.clear();
      return context.redirect("/simulator", 303);
    })
    .delete("/simulator/faults", (context) => {
      world.faults.clear();
      return context.body(null, 204);
    });
