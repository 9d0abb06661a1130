import { Auth } from "@auth/core";
import Kakao from "@auth/core/providers/kakao";
import { D1Adapter } from "@auth/d1-adapter";

let config = null;

/** Auth.js with sessions in D1, as its adapter's page says. */
const createConfig = (env) => ({
  basePath: "/auth",
  secret: env.AUTH_SECRET,
  trustHost: true,
  useSecureCookies: true,
  adapter: D1Adapter(env.DB),
  providers: [Kakao({ clientId: env.KAKAO_CLIENT_ID, clientSecret: env.KAKAO_CLIENT_SECRET })],
});

/** The bench has no TLS, and Auth.js takes its own origin from the request: the same one, as asked over TLS. */
const overTls = (request, env) => {
  const { pathname, search } = new URL(request.url);
  return {
    url: env.AUTH_ORIGIN + pathname + search,
    method: request.method,
    headers: request.headers,
    body: request.body,
    text: () => request.text(),
  };
};

export default {
  fetch: (request, env) => {
    config ??= createConfig(env);
    return Auth(overTls(request, env), config);
  },
};
