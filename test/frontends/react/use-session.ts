import { useEffect, useState } from "react";
import type { AuthClient, SessionState } from "../../../src/client/types.ts";

export type SessionView = { status: "loading" } | { status: "unreachable" } | ({ status: "known" } & SessionState);

/**
 * Who is signed in, kept up to date: after a login, after a logout in any tab, and when somebody else signs in.
 *
 * Strict Mode runs the effect twice; the client answers both from one call and exchanges a login's code once. An
 * outage is shown as one: it does not mean that the person is signed out.
 */
export function useSession(auth: AuthClient): SessionView {
  const [view, setView] = useState<SessionView>({ status: "loading" });

  useEffect(() => {
    let mounted = true;
    const show = (state: SessionState) => mounted && setView({ status: "known", ...state });
    const stop = auth.onChange(show);
    auth.session().then(show, () => mounted && setView({ status: "unreachable" }));
    return () => {
      mounted = false;
      stop();
    };
  }, [auth]);

  return view;
}
