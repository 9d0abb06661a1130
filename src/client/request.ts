import type { AuthError, AuthSession, AuthUser } from "./types.ts";

/** An answer of the auth host; which members it has depends on the route. */
export type Answer = {
  user?: AuthUser | null;
  session?: AuthSession | null;
  token?: string;
  error?: string;
  error_description?: string;
};

/** As long as a person waits before trying again. */
export const PATIENCE_MILLISECONDS = 10_000;

export const ignore = (): void => {};

export const authError = (code: string, message?: string | null, status = 0): AuthError =>
  Object.assign(Error(message ?? code), { code, status });

/**
 * One call to the auth host: a POST of JSON where there is a body, else a GET.
 *
 * @throws AuthError for everything but a readable success, so that nothing unreadable passes for "signed out"
 */
export const request = async (url: string, bearer: string | null | undefined, body?: object): Promise<Answer> => {
  const response = await fetch(url, {
    // The credentials mode is the DOM's; the types at hand are the server's.
    ...({ credentials: "include" } as object),
    // No route of ours redirects a script, so that somebody else is answering: not a byte of ours is for them.
    redirect: "error",
    method: body && "POST",
    headers: {
      ...(bearer && { Authorization: `Bearer ${bearer}` }),
      ...(body && { "Content-Type": "application/json" }),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
  }).catch(() => {
    // Why is in the browser's console alone: pages are not told what another origin did.
    throw authError("network");
  });
  const answer = (await response.json().catch(ignore)) as Answer | null | undefined;
  // A logout is answered without a body, all else by whom it found, nobody included. A proxy's "OK" is neither.
  if (url.endsWith("/logout") ? response.status === 204 : response.ok && answer?.user !== undefined) {
    return answer as Answer;
  }
  throw authError(answer?.error ?? "temporarily_unavailable", answer?.error_description, response.status);
};
