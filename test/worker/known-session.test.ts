import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newBrowser, type TestBrowser } from "./support/browser.ts";
import { AUTH, PARTNER, SHOP, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
let browser: TestBrowser;
let elsewhere: TestWorker;

beforeAll(async () => {
  worker = await startWorker();
  browser = newBrowser(worker);
  await browser.login();
  await browser.fetch("/session");
  elsewhere = await startWorker({ vars: { REVOCATION_LAG_SECONDS: "0" } });
});
afterAll(async () => {
  await worker.close();
  await elsewhere.close();
});

const sourceOf = (response: Response): string =>
  /desc="(\w+)"/.exec(response.headers.get("Server-Timing") ?? "")?.[1] ?? "";

/** Everything but what tells where the answer came from and hands a proof out. */
const headersOf = (response: Response): Record<string, string> => {
  const { "server-timing": _, "set-cookie": __, ...headers } = Object.fromEntries(response.headers);
  return headers;
};

const sessionCookie = (): string => `__Host-session=${browser.cookies.get("__Host-session")}`;

describe("an answer from memory, which no middleware has seen, is the answer that D1 gives", () => {
  it.each<[name: string, headers: Record<string, string>]>([
    ["without an Origin", {}],
    ["to a front end", { Origin: SHOP }],
    ["to a front end on another site", { Origin: PARTNER, "Sec-Fetch-Site": "cross-site" }],
    ["to a preview under a wildcard", { Origin: "https://one.previews.partner.test" }],
    ["to another preview", { Origin: "https://two.previews.partner.test" }],
    ["to the auth host's own pages", { Origin: AUTH }],
    ["to a stranger's page (CWE-942)", { Origin: "https://evil.test" }],
    ["to an opaque origin (CWE-942)", { Origin: "null" }],
    ["to a name that only looks like ours (CWE-1023)", { Origin: `${SHOP}.evil.test` }],
    ["to a navigation", { "Sec-Fetch-Mode": "navigate", Accept: "text/html" }],
  ])("%s", async (_name, headers) => {
    const plain = await worker.fetch("/session", { headers: { Cookie: sessionCookie(), ...headers } });
    expect(sourceOf(plain)).toBe("database");
    for (let turn = 0; turn < 2; turn += 1) {
      const known = await browser.fetch("/session", { headers });
      expect(sourceOf(known)).toBe("memory");
      expect(headersOf(known)).toEqual(headersOf(plain));
      expect(known.headers.getSetCookie()).toEqual([]);
      expect(await known.clone().text()).toBe(await plain.clone().text());
    }
  });

  it.each<[name: string, headers: Record<string, string>]>([
    ["a reverse proxy", {}],
    ["a front end", { Origin: SHOP }],
    ["a stranger's page", { Origin: "https://evil.test" }],
    ["a navigation that a proxy passed on", { "Sec-Fetch-Mode": "navigate", Accept: "text/html" }],
  ])("to %s, at /session/verify", async (_name, headers) => {
    const plain = await worker.fetch("/session/verify", { headers: { Cookie: sessionCookie(), ...headers } });
    const { user, session } = await browser.session();
    for (let turn = 0; turn < 2; turn += 1) {
      const known = await browser.fetch("/session/verify", { headers });
      expect([known.status, await known.text()]).toEqual([204, ""]);
      expect(headersOf(known)).toEqual(headersOf(plain));
      expect(known.headers.get("X-Auth-User-Id")).toBe(user?.id);
      expect(known.headers.get("X-Auth-Session-Id")).toBe(session?.id);
    }
  });

  it("is never shared between front ends", async () => {
    for (const origin of [SHOP, PARTNER, "https://evil.test", SHOP]) {
      const answer = await browser.fetch("/session", { headers: { Origin: origin } });
      expect(answer.headers.get("Access-Control-Allow-Origin")).toBe(origin === "https://evil.test" ? null : origin);
    }
  });
});

describe("what is not that question goes the long way", () => {
  it("HEAD has no body and no effect", async () => {
    const answer = await browser.fetch("/session", { method: "HEAD" });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("");
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("another method is refused with the methods that there are", async () => {
    const answer = await browser.fetch("/session", { method: "PUT", headers: { Origin: SHOP } });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("Allow")).toContain("GET");
  });

  it("a preflight is answered as one", async () => {
    const headers = { Origin: SHOP, "Access-Control-Request-Method": "GET" };
    const answer = await browser.fetch("/session", { method: "OPTIONS", headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("Access-Control-Allow-Methods")).toContain("GET");
  });

  it("with a lag of 0 every check asks D1", async () => {
    const strict = newBrowser(elsewhere);
    await strict.login();
    for (let turn = 0; turn < 3; turn += 1) expect(sourceOf(await strict.fetch("/session"))).toBe("database");
  });
});
