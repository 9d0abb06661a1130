import type { AppContext } from "../context.ts";
import { kakao } from "../kakao/index.ts";
import { createAuth } from "../session/lucia.ts";
import { createSignInAdapter } from "../session/sign-in/sign-in-adapter.ts";

/** Lucia and the Kakao provider for one request: what Lucia writes is kept back and belongs to this login alone. */
export const kakaoFor = (c: AppContext) => {
  const { kakao: settings, session } = c.get("config");
  const { adapter, takeRows } = createSignInAdapter(c.env.DB);
  const auth = createAuth(adapter, session);
  const provider = kakao(auth, { ...settings, scope: [...settings.scope] });
  return { auth, provider, takeRows };
};
