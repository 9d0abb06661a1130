import { type Context, Hono } from "hono";
import { readAccessToken, readSubject } from "./credentials.ts";
import { jsonResponse, kapiError } from "./errors.ts";
import { revokeAll, revokeGrant, unlink } from "./state.ts";
import { userDocument } from "./user-document.ts";
import type { RouteEnv, World } from "./world.ts";

/** Query of a GET, form of a POST. */
const readParameters = async (context: Context<RouteEnv>): Promise<URLSearchParams> =>
  context.req.method === "GET" ? new URL(context.req.url).searchParams : new URLSearchParams(await context.req.text());

/** The `property_keys` parameter, a JSON array as text. "malformed" is answered with -2. */
const readPropertyKeys = (text: string | null): readonly string[] | null | "malformed" => {
  if (text === null) return null;
  try {
    const keys: unknown = JSON.parse(text);
    return Array.isArray(keys) && keys.every((key) => typeof key === "string") ? keys : "malformed";
  } catch {
    return "malformed";
  }
};

/** The user APIs of kapi: the person, their token, logout and unlink. */
export const userRoutes = (world: World) => {
  const { state, now } = world;

  return new Hono<RouteEnv>()
    .on(["GET", "POST"], "/v2/user/me", async (context) => {
      const parameters = await readParameters(context);
      const subject = readSubject(world, context.req.raw, parameters);
      if ("refusal" in subject) return subject.refusal;
      const propertyKeys = readPropertyKeys(parameters.get("property_keys"));
      if (propertyKeys === "malformed") return kapiError(400, -2, "property_keys must be a JSON array of strings");
      const { app, person, link } = subject.value;
      const secureResource = parameters.get("secure_resource") === "true";
      return jsonResponse(userDocument(app, person, link, { secureResource, propertyKeys }));
    })
    .get("/v1/user/access_token_info", (context) => {
      const value = (context.req.header("authorization") ?? "").replace(/^bearer /i, "");
      if (!/^[A-Za-z0-9._~+/=-]{20,}$/.test(value)) return kapiError(400, -2, "malformed access token");
      const token = readAccessToken(world, context.req.raw);
      if ("refusal" in token) return token.refusal;
      const { grant, expiresAt } = token.value;
      const expiresIn = Math.floor((expiresAt - now()) / 1000);
      return jsonResponse({ id: BigInt(grant.person.id), expires_in: expiresIn, app_id: grant.app.appId });
    })
    .post("/v1/user/logout", async (context) => {
      const subject = readSubject(world, context.req.raw, await readParameters(context));
      if ("refusal" in subject) return subject.refusal;
      const { app, person } = subject.value;
      // By access token the tokens of that login end, by admin key all of the person's. Kakao's web session stays.
      const token = readAccessToken(world, context.req.raw);
      if ("value" in token) revokeGrant(state, token.value.grant);
      else revokeAll(state, app, person);
      return jsonResponse({ id: BigInt(person.id) });
    })
    .post("/v1/user/unlink", async (context) => {
      const subject = readSubject(world, context.req.raw, await readParameters(context));
      if ("refusal" in subject) return subject.refusal;
      const { app, person } = subject.value;
      unlink(state, app, person);
      return jsonResponse({ id: BigInt(person.id) });
    });
};
