import { createHash, randomUUID } from "node:crypto";

export const AUTH_ORIGIN = "https://auth.example.com";

type Code = { user: string; challenge: string; origin: string; uses: string[]; cookieSession: string | null };

/** What one call meets instead of an answer. `hang` ends when the caller's patience does. */
export type Fault = "unreachable" | "hang" | { status: number; body: string; location?: string };

/** The auth host as the contract describes it, for one browser: login, hand-off, session, logout. */
export const createAuthHost = () => {
  const codes = new Map<string, Code>();
  const sessions = new Map<string, string>();
  const faults: { path: string; fault: Fault; acts: boolean }[] = [];
  const held: { path: string; until: Promise<void> }[] = [];
  const calls: string[] = [];
  const bodies: unknown[] = [];

  const newSession = (user: string): string => {
    const token = randomUUID();
    sessions.set(token, user);
    return token;
  };

  /** With the session, all others of its login: here, of its user. */
  const endLogin = (token: string): void => {
    const ended = sessions.get(token);
    for (const [other, user] of sessions) if (user === ended) sessions.delete(other);
  };

  const exchange = (body: Record<string, string>, origin: string, jar: Map<string, string>): Response => {
    const code = codes.get(body.code ?? "");
    const challenge = createHash("sha256")
      .update(body.code_verifier ?? "")
      .digest("base64url");
    const transport = body.transport ?? "cookie";
    const fallback = code?.uses.join() === "cookie" && transport === "bearer";
    if (!code || code.challenge !== challenge || code.origin !== origin || (code.uses.length > 0 && !fallback)) {
      return refusal(400, "invalid_grant");
    }
    code.uses.push(transport);
    if (code.cookieSession) sessions.delete(code.cookieSession);
    const token = newSession(code.user);
    if (transport === "bearer") return Response.json({ ...view(code.user), token });
    code.cookieSession = token;
    jar.set("session", token);
    return Response.json(view(code.user));
  };

  return {
    /** Every call that arrived, as `METHOD /path transport`. */
    calls,
    /** The JSON bodies that came with them. */
    bodies,
    sessions,
    /** Lets the next call of `path` fail. */
    fail: (path: string, fault: Fault): void => void faults.push({ path, fault, acts: false }),
    /** Lets the next call of `path` do its work, and the caller meet the fault all the same. */
    lose: (path: string, fault: Fault): void => void faults.push({ path, fault, acts: true }),
    /** Holds the next call of `path` back, its answer already made, until the returned function is called. */
    hold: (path: string): (() => void) => {
      const gate = Promise.withResolvers<void>();
      held.push({ path, until: gate.promise });
      return gate.resolve;
    },
    /** Ends every session of this browser's user, as a logout at the auth host does. */
    endAll: (): void => sessions.clear(),
    /** Where a login address leads a browser in which `user` logs in, or nobody can without a page (`null`). */
    login: (address: string, user: string | null, error = "login_required"): string => {
      const query = new URL(address).searchParams;
      const back = new URL(query.get("redirect_to") ?? "");
      const state = query.get("state") ?? "";
      if (user === null) {
        back.searchParams.set("error", error);
        back.searchParams.set("error_description", `Said of ${error}.`);
        back.searchParams.set("state", state);
        return back.href;
      }
      const code = randomUUID();
      const challenge = query.get("code_challenge") ?? "";
      codes.set(code, { user, challenge, origin: back.origin, uses: [], cookieSession: null });
      for (const [name, value] of Object.entries({ code, state, iss: AUTH_ORIGIN })) back.searchParams.set(name, value);
      return back.href;
    },
    answer: async (request: Request, origin: string, cookies: Map<string, string>): Promise<Response> => {
      const { pathname } = new URL(request.url);
      const bearer = request.headers.get("Authorization")?.replace("Bearer ", "");
      const { credentials } = request as unknown as { credentials: string };
      const jar = credentials === "include" ? cookies : new Map<string, string>();
      const token = bearer ?? jar.get("session") ?? "";
      const text = await request.text();
      const body = text === "" ? {} : JSON.parse(text);
      if (text !== "") bodies.push(body);
      const transport = body.transport ?? (bearer ? "bearer" : "cookie");
      calls.push(`${request.method} ${pathname} ${transport}`);

      const index = faults.findIndex(({ path }) => path === pathname);
      const [failing] = index < 0 ? [] : faults.splice(index, 1);
      if (failing?.acts === false) return fault(failing.fault, request.signal);
      const response = ((): Response => {
        switch (`${request.method} ${pathname}`) {
          case "POST /session/exchange":
            return exchange(body, origin, failing && !isCutShort(failing.fault) ? new Map() : jar);
          case "GET /session":
            return Response.json(view(sessions.get(token) ?? null));
          case "POST /logout":
            endLogin(token);
            return new Response(null, { status: 204 });
          default:
            return refusal(404, "not_found");
        }
      })();
      if (failing) return fault(failing.fault, request.signal);
      const waiting = held.findIndex(({ path }) => path === pathname);
      const [holding] = waiting < 0 ? [] : held.splice(waiting, 1);
      await holding?.until;
      return response;
    },
  };
};

const view = (user: string | null) => ({
  user: user && { id: user },
  session: user && { id: `login-of-${user}` },
});

const refusal = (status: number, error: string): Response =>
  Response.json({ error, error_description: `Said of ${error}.` }, { status });

/** Whether the answer's head arrived, and with it the cookie. */
const isCutShort = (fault: Fault): boolean => typeof fault === "object" && fault.status === 200;

const fault = async (kind: Fault, signal: AbortSignal): Promise<Response> => {
  if (kind === "unreachable") throw new TypeError("Failed to fetch");
  if (typeof kind === "object") {
    const response = new Response(kind.body || null, { status: kind.status });
    if (kind.location !== undefined) response.headers.set("Location", kind.location);
    return response;
  }
  return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
};
