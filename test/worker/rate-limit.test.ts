import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectError, logLine, NAVIGATION } from "./support/answers.ts";
import { SHOP, startWorker, type TestWorker } from "./support/worker.ts";
import { writeWranglerConfig } from "./support/wrangler-config.ts";

const LIMIT = 3;
const BINDING = `[[ratelimits]]
name = "LOGIN_LIMIT"
namespace_id = "1001"
simple = { limit = ${LIMIT}, period = 60 }
`;

let worker: TestWorker;
let config: Awaited<ReturnType<typeof writeWranglerConfig>>;
beforeAll(async () => {
  config = await writeWranglerConfig({ main: "src/index.ts", bindings: BINDING });
  worker = await startWorker({ configPath: config.configPath });
});
afterAll(async () => {
  await worker?.close();
  await config.remove();
});

const start = (address: string | null, headers: Record<string, string> = {}, path = "/login/kakao") =>
  worker.fetch(path, { headers: { ...(address && { "CF-Connecting-IP": address }), ...headers } });
const exhaust = async (address: string) => {
  for (let request = 0; request < LIMIT; request += 1) expect((await start(address)).status).toBe(302);
};

describe("the rate limit of logins (CWE-770)", () => {
  it("answers 429 with Retry-After over the limit, and sets no cookie", async () => {
    await exhaust("198.51.100.1");
    const answer = await start("198.51.100.1");
    await expectError(answer, 429, "rate_limited");
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect([answer.headers.get("Location"), answer.headers.getSetCookie()]).toEqual([null, []]);
    await logLine(worker, { event: "rate_limited" });
  });

  it("counts the callback as well", async () => {
    await exhaust("198.51.100.2");
    const answer = await start("198.51.100.2", {}, `/login/kakao/callback?code=x&state=${"A".repeat(43)}`);
    await expectError(answer, 429, "rate_limited");
    expect(worker.kakao.calls).toEqual([]);
  });

  it("is a page for a person", async () => {
    await exhaust("198.51.100.3");
    const answer = await start("198.51.100.3", NAVIGATION);
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([429, "text/html; charset=UTF-8"]);
  });

  it("is by the address that Cloudflare saw: X-Forwarded-For neither helps nor hurts (CWE-348)", async () => {
    await exhaust("198.51.100.4");
    for (const spoofed of ["203.0.113.1", "203.0.113.2"]) {
      expect((await start("198.51.100.4", { "X-Forwarded-For": spoofed, "X-Real-IP": spoofed })).status).toBe(429);
    }
    expect((await start("198.51.100.5", { "X-Forwarded-For": "198.51.100.4" })).status).toBe(302);
  });

  it("leaves everything else alone: session checks, logout, health", async () => {
    await exhaust("198.51.100.6");
    const headers = { "CF-Connecting-IP": "198.51.100.6" };
    for (let request = 0; request <= LIMIT; request += 1) {
      for (const path of ["/session", "/health", `/?redirect_to=${SHOP}`]) {
        expect((await worker.fetch(path, { headers })).status).toBe(200);
      }
      expect((await worker.fetch("/logout", { method: "POST", headers })).status).toBe(204);
    }
  });

  it("does not count a HEAD, which starts nothing", async () => {
    const headers = { "CF-Connecting-IP": "198.51.100.7" };
    for (let request = 0; request <= LIMIT; request += 1)
      await worker.fetch("/login/kakao", { method: "HEAD", headers });
    expect((await start("198.51.100.7")).status).toBe(302);
  });
});
