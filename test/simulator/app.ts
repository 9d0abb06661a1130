import { Hono } from "hono";
import { authorizeRoutes } from "./authorize.ts";
import { controlRoutes } from "./control.ts";
import { jsonResponse } from "./errors.ts";
import { answerWithFault } from "./faults.ts";
import { openIdRoutes } from "./openid.ts";
import { setUpErrorPage } from "./pages/error.ts";
import { tokenRoutes } from "./token.ts";
import type { Call, FaultEndpoint } from "./types.ts";
import { userRoutes } from "./users.ts";
import type { RouteEnv, World } from "./world.ts";

const FAULT_PATHS: Readonly<Record<string, FaultEndpoint>> = {
  "/oauth/authorize": "authorize",
  "/oauth/token": "token",
  "/v2/user/me": "user",
  "/.well-known/jwks.json": "jwks",
  "/.well-known/openid-configuration": "openid_configuration",
  "/v1/user/access_token_info": "access_token_info",
  "/v1/user/unlink": "unlink",
  "/v1/user/logout": "logout",
  "/v1/oidc/userinfo": "userinfo",
};

const isKauthPath = (path: string) => path.startsWith("/oauth/") || path.startsWith("/.well-known/");
const isKapiPath = (path: string) => /^\/v\d+\//.test(path);

/**
 * Everything that Kakao answers, on both hosts by path. When the hosts differ, a path asked of the other host does not
 * exist. The requests to Kakao's own endpoints are recorded in `calls`; the login and consent pages are not.
 */
export const createFetch = (world: World, calls: Call[]): ((request: Request) => Promise<Response>) => {
  const app = new Hono<RouteEnv>()
    .route("/", authorizeRoutes(world))
    .route("/", tokenRoutes(world))
    .route("/", openIdRoutes(world))
    .route("/", userRoutes(world))
    .route("/", controlRoutes(world));
  app.notFound((context) =>
    isKapiPath(context.req.path)
      ? jsonResponse({ msg: `unknown path: ${context.req.path}`, code: -2 }, 404)
      : context.html(setUpErrorPage({ koe: "KOE002", detail: `unknown path: ${context.req.path}` }), 404),
  );

  const isOnTheOtherHost = ({ origin, pathname }: URL): boolean => {
    if (world.authOrigin === world.apiOrigin) return false;
    return (
      (origin === world.apiOrigin && isKauthPath(pathname)) || (origin === world.authOrigin && isKapiPath(pathname))
    );
  };

  return async (request) => {
    const url = new URL(request.url);
    const path = url.pathname;
    if (!isKauthPath(path) && !isKapiPath(path)) return app.fetch(request, { fault: null });
    const call: Call = { method: request.method, url: request.url, path, status: 0 };
    calls.push(call);
    const endpoint = FAULT_PATHS[path];
    const fault = endpoint === undefined ? null : world.faults.take(endpoint);
    const response = isOnTheOtherHost(url)
      ? new Response(null, { status: 404 })
      : await answerWithFault(fault, request.signal, world.faults, async () => app.fetch(request, { fault }));
    call.status = response.status;
    return response;
  };
};
