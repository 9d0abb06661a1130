import type { AppContext } from "../context.ts";
import { kakao } from "../kakao/index.ts";
import { createAuth } from "../session/lucia.ts";
import { createSignInAdapter } from "../session/sign-in-adapter.ts";

/** Lucia and the Kakao provider for one request: what they read ahead and keep back belongs to this login alone. */
export const kakaoFor = (c: AppContext) => {
  const { kakao: settings, session } = c.get("config");
  const adapter = createSignInAdapter(c.env.DB);
  const auth = createAuth(adapter.adapter, session);
  const provider = kakao(auth, { ...settings, scope: [...settings.scope] });
  return { adapter, auth, provider };
};
