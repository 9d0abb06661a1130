import type { AppContext } from "../context.ts";
import { refuse } from "../pages/respond.ts";
import { endAndOutdate } from "../session/check/feed.ts";
import { checkStrictly } from "../session/check/request.ts";
import { listLogins, revokeLogin, revokeOtherLogins } from "../session/logins.ts";
import type { SignedIn } from "../session/signed-in.ts";
import { isoDate } from "../session/signed-in.ts";

/** `GET /sessions`: every live login of this user, one entry a login. */
export const listSessions = (c: AppContext): Promise<Response> =>
  whenSignedIn(c, async ({ user, session }) => {
    const logins = await listLogins(c.env.DB, user.id, Date.now());
    const sessions = logins.map((login) => ({
      id: login.id,
      createdAt: isoDate(login.createdAt),
      lastSeenAt: isoDate(login.lastSeenAt),
      userAgent: login.userAgent,
      country: login.country,
      current: login.id === session.id,
    }));
    return c.json({ sessions });
  });

/** `DELETE /sessions/:id`: ends one login. Somebody else's is as unknown as none at all. */
export const revokeSession = (c: AppContext): Promise<Response> =>
  whenSignedIn(c, async ({ user }) => {
    const end = () => revokeLogin(c.env.DB, user.id, c.req.param("id") ?? "");
    const revoked = await endAndOutdate(c.get("memory").feed, end);
    return revoked ? c.body(null, 204) : refuse(c, { kind: "not_found" });
  });

/** `DELETE /sessions`: ends every login of this user but this one. */
export const revokeOtherSessions = (c: AppContext): Promise<Response> =>
  whenSignedIn(c, async ({ user, session }) => {
    await endAndOutdate(c.get("memory").feed, () => revokeOtherLogins(c.env.DB, user.id, session.id));
    return c.body(null, 204);
  });

const whenSignedIn = async (c: AppContext, answer: (signedIn: SignedIn) => Promise<Response>): Promise<Response> => {
  const result = await checkStrictly(c);
  if (result.kind === "unavailable") return refuse(c, result);
  if (result.kind === "signed_out") return refuse(c, { kind: "unauthenticated" }, "/");
  try {
    return await answer(result.signedIn);
  } catch (cause) {
    return refuse(c, { kind: "unavailable", cause });
  }
};
