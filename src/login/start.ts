import type { AppContext } from "../context.ts";
import { refuse } from "../pages/respond.ts";
import { keepAttempt, newAttempt } from "./attempt.ts";
import { errorAddress } from "./finish.ts";
import { judgeLogin } from "./judge.ts";
import { kakaoFor } from "./kakao.ts";
import { isSilent } from "./request.ts";
import { mayReturnAtOnce, returnAtOnce } from "./single-sign-on.ts";

/**
 * `GET /login/kakao`: a browser that is signed in already goes straight back; any other one goes to Kakao, with the
 * attempt in a cookie of its own. Without a session cookie there is no I/O.
 */
export const startLogin = async (c: AppContext): Promise<Response> => {
  const config = c.get("config");
  const judged = judgeLogin(config, new URL(c.req.url).searchParams);
  if ("failure" in judged) return refuse(c, judged.failure);
  if (mayReturnAtOnce(judged.request)) {
    const response = await returnAtOnce(c, judged);
    if (response) return response;
  }

  const { request, redirectTo } = judged;
  if (request.sessionOnly) return c.redirect(errorAddress(redirectTo, "login_required", request.state), 302);
  const { codeChallenge, state: ownState } = request;
  const attempt = newAttempt({ redirectTo, state: ownState, codeChallenge, silent: isSilent(request) }, Date.now());
  const [url, state] = await kakaoFor(c).provider.getAuthorizationUrl({
    codeVerifier: attempt.codeVerifier,
    nonce: attempt.nonce,
    prompt: request.prompt,
    ...(request.loginHint !== null && { loginHint: request.loginHint }),
    // Kakao asks for what is named alone, so the configured items have to come along.
    ...(request.scope.length > 0 && { scope: [...new Set([...config.kakao.scope, ...request.scope])] }),
    serviceTerms: request.serviceTerms,
  });
  await keepAttempt(c, config.keyring, state, attempt);
  return c.redirect(url.href, 302);
};
