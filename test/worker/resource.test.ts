import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Isolates, startIsolates } from "./support/isolates.ts";
import { bearer, storeSession } from "./support/sessions.ts";
import { AUTH } from "./support/worker.ts";

const API = "https://api.shop.test";

let isolates: Isolates<"auth">;
beforeAll(async () => {
  const vars = { TOKEN_AUDIENCES: `${API} https://reports.shop.test` };
  const api = { main: "test/worker/support/resource-worker.ts" };
  isolates = await startIsolates({ auth: { vars } }, [
    { name: "api", ...api, services: [{ binding: "AUTH", service: "auth", entrypoint: "AuthService" }] },
  ]);
});
afterAll(() => isolates.close());

const tokenFor = async (audience: string) => {
  const session = await storeSession(isolates.db);
  const answer = await isolates.auth.fetch("/session/token", {
    method: "POST",
    headers: bearer(session),
    body: JSON.stringify({ audience }),
  });
  return { session, token: ((await answer.json()) as { access_token: string }).access_token };
};

const callApi = (token: string) =>
  isolates.fetchFrom("api", "/api/me", { headers: { Authorization: `Bearer ${token}` } });

describe("an API on workerd behind requireAccessToken", () => {
  it("knows who asks, by one request for the keys in a hundred calls of two people", async () => {
    const people = [await tokenFor(API), await tokenFor(API)];
    isolates.outbound.length = 0;
    await isolates.auth.usage();
    for (let turn = 0; turn < 100; turn += 1) {
      const { session, token } = people[turn % 2] ?? people[0] ?? (await tokenFor(API));
      const answer = await callApi(token);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ userId: session.userId, sessionId: session.loginId });
    }
    expect(isolates.outbound).toEqual([`${AUTH}/.well-known/jwks.json`]);
    expect((await isolates.auth.usage()).trips).toBe(1);
  });

  it("lets fifty in at once", async () => {
    const { token } = await tokenFor(API);
    const answers = await Promise.all(Array.from({ length: 50 }, () => callApi(token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it("refuses a token for another API, a session's own token, and none", async () => {
    const other = await tokenFor("https://reports.shop.test");
    for (const token of [other.token, other.session.token, ""]) {
      const answer = await callApi(token);
      expect(answer.status).toBe(401);
      expect(answer.headers.get("WWW-Authenticate")).toMatch(/^Bearer/);
    }
  });
});
