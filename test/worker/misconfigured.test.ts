import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { expectError, logLine, NAVIGATION } from "./support/answers.ts";
import { SHOP, startWorker, type TestWorker } from "./support/worker.ts";

const SHORT_SECRET = Buffer.alloc(31, "k1").toString("base64url");

/** Each with the reason why it is wrong; together they are one deployment. */
const WRONG = {
  AUTH_ORIGIN: "https://auth.shop.test/",
  FRONTEND_ORIGINS: "https://*.co.kr https://app.shop.test/path",
  DEFAULT_RETURN_URL: "https://evil.test/",
  KAKAO_CLIENT_ID: "",
  KAKAO_AUTH_ORIGIN: "http://kauth.kakao.com",
  KAKAO_REDIRECT_URI: "https://auth.shop.test/login/kakao/callback?x=1",
  COOKIE_DOMAIN: "co.kr",
  SESSION_ACTIVE_HOURS: "0",
  SESSION_IDLE_DAYS: "two",
  REVOCATION_LAG_SECONDS: "-1",
  ON_KAKAO_UNLINK: "forget",
  KAKAO_APP_ID: "my-app",
};
const WRONG_SECRETS = { KAKAO_CLIENT_SECRET: "", AUTH_SECRET: SHORT_SECRET };

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker({ vars: WRONG, secrets: WRONG_SECRETS });
});
beforeEach(() => worker.clearLogs());
afterAll(() => worker.close());

describe("a Worker with a bad configuration", () => {
  it.each([
    ["GET", "/"],
    ["GET", "/login/kakao"],
    ["GET", "/login/kakao/callback?code=x&state=y"],
    ["GET", "/session"],
    ["GET", "/sessions"],
    ["DELETE", "/sessions"],
    ["GET", "/logout"],
    ["POST", "/logout"],
    ["GET", "/health"],
    ["GET", "/nowhere"],
    ["PUT", "/session"],
    ["OPTIONS", "/session"],
  ])("answers 500 misconfigured and nothing else: %s %s", async (method, path) => {
    const headers = { Origin: SHOP, "Access-Control-Request-Method": "GET" };
    const answer = await worker.fetch(path, { method, headers });
    const description = await expectError(answer, 500, "misconfigured");
    for (const name of [...Object.keys(WRONG), ...Object.keys(WRONG_SECRETS)]) expect(description).not.toContain(name);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
  });

  it("answers /session/verify with 500 and no body", async () => {
    const answer = await worker.fetch("/session/verify");
    expect([answer.status, await answer.text()]).toEqual([500, ""]);
  });

  it("lists every problem in one log line, each with its variable, and no secret", async () => {
    await worker.fetch("/session");
    const line = await logLine(worker, { event: "misconfigured", level: "error" });
    const problems = JSON.stringify(line);
    for (const name of [...Object.keys(WRONG), ...Object.keys(WRONG_SECRETS)]) expect(problems).toContain(`${name}:`);
    for (const entry of ["https://*.co.kr", "https://app.shop.test/path"]) expect(problems).toContain(entry);
    expect(worker.logText()).not.toContain(SHORT_SECRET);
  });

  it("shows a person a page with a reference that the log has", async () => {
    const page = await (await worker.fetch("/", { headers: NAVIGATION })).text();
    const reference = /<code>([\w-]+)<\/code>/.exec(page)?.[1];
    await logLine(worker, { event: "misconfigured", reference });
    for (const name of Object.keys(WRONG)) expect(page).not.toContain(name);
  });
});
