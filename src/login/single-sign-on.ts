import type { AppContext } from "../context.ts";
import { randomText, sha256 } from "../lib/hash.ts";
import { describeDatabaseError } from "../pages/failure.ts";
import { refuse } from "../pages/respond.ts";
import type { AlsoWrite } from "../session/check/adapter.ts";
import { checkStrictly, credentialOf } from "../session/check/request.ts";
import { storeCode } from "../session/sign-in/handoff.ts";
import { errorAddress, returnAddress } from "./finish.ts";
import type { JudgedLogin } from "./judge.ts";
import { isSilent, type LoginRequest } from "./request.ts";

/**
 * Whether a live session answers this request. Further consent has to be asked at Kakao; so has everything that a
 * `prompt` names, but `none`, which asks for no page at all.
 */
export const mayReturnAtOnce = ({ prompt, scope, serviceTerms }: LoginRequest): boolean =>
  scope.length === 0 && serviceTerms.length === 0 && prompt.every((value) => value === "none");

/**
 * Sends a browser with a live session straight back: one D1 round trip, in which the session is checked and renewed
 * and the front end's code is stored. `null`: nobody is signed in here.
 */
export const returnAtOnce = async (c: AppContext, { request, redirectTo }: JudgedLogin): Promise<Response | null> => {
  if (credentialOf(c) === null) return null;
  const { authOrigin } = c.get("config");
  const { codeChallenge: challenge, state } = request;
  const now = Date.now();
  const code = challenge === null ? null : randomText();
  const codeHash = code && (await sha256(code));
  const { origin } = new URL(redirectTo);
  const store: AlsoWrite | undefined =
    challenge && codeHash
      ? (sessionHash) => [storeCode(c.env.DB, { origin, challenge, codeHash, sessionHash, now })]
      : undefined;
  const result = await checkStrictly(c, store);
  if (result.kind === "signed_out") return null;
  // Going on to Kakao would ask somebody to log in who is logged in, and the callback needs the database as well.
  if (result.kind === "unavailable") {
    if (!isSilent(request)) return refuse(c, result, selfHref(c));
    c.get("log").error("temporarily_unavailable", describeDatabaseError(result.cause));
    return c.redirect(errorAddress(redirectTo, "temporarily_unavailable", state), 302);
  }
  c.get("log").info("login_ended", { outcome: "single_sign_on" });
  return c.redirect(returnAddress({ redirectTo, state, code, issuer: authOrigin }), 302);
};

const selfHref = (c: AppContext): string => {
  const { pathname, search } = new URL(c.req.url);
  return pathname + search;
};
