import { waitUntil } from "cloudflare:workers";
import { betterAuth } from "better-auth";

let auth = null;

/**
 * better-auth after its guides for Cloudflare and for performance, with the two options on top that save it trips to
 * D1. Its rate limit would refuse the bench.
 */
const createAuth = (env) =>
  betterAuth({
    baseURL: env.AUTH_ORIGIN,
    secret: env.AUTH_SECRET,
    database: env.DB,
    trustedOrigins: env.FRONTEND_ORIGINS.split(" "),
    socialProviders: { kakao: { clientId: env.KAKAO_CLIENT_ID, clientSecret: env.KAKAO_CLIENT_SECRET } },
    session: { cookieCache: { enabled: true, maxAge: 300 } },
    rateLimit: { enabled: false },
    advanced: {
      ipAddress: { ipAddressHeaders: ["cf-connecting-ip"] },
      backgroundTasks: { handler: waitUntil },
      database: { joins: true, validateSchema: false },
    },
  });

export default {
  fetch: async (request, env) => {
    auth ??= createAuth(env);
    if (new URL(request.url).pathname !== "/session") return auth.handler(request);
    return Response.json(await auth.api.getSession({ headers: request.headers }));
  },
};
