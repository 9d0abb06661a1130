import type { AppContext } from "../context.ts";
import { loginPage } from "../pages/login.ts";
import { page, refuse } from "../pages/respond.ts";
import { judgeLogin } from "./judge.ts";

/** `GET /`: the hosted login page. Takes the query of `/login/kakao` and hands it on, or refuses it in the same way. */
export const showLoginPage = async (c: AppContext): Promise<Response> => {
  const { search, searchParams } = new URL(c.req.url);
  const judged = judgeLogin(c.get("config"), searchParams);
  if ("failure" in judged) return refuse(c, judged.failure);
  const frontendName = searchParams.has("redirect_to") ? new URL(judged.redirectTo).host : null;
  return page(c, (frame) => loginPage(frame, { loginHref: `/login/kakao${search}`, frontendName }));
};
