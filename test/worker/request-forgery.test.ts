import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectError } from "./support/answers.ts";
import { newBrowser } from "./support/browser.ts";
import { ALLOWED, FOREIGN } from "./support/origins.ts";
import { AUTH, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.close());

/** A person signed in with two browsers, so that every route has something to end. */
const signIn = async () => {
  const [browser, other] = [newBrowser(worker), newBrowser(worker)];
  await browser.login();
  await other.login();
  const id = (await other.session()).session?.id ?? "";
  const untouched = async () => (await browser.session()).user !== null && (await other.session()).user !== null;
  return { browser, id, untouched };
};

const UNSAFE_ROUTES: [method: string, route: string][] = [
  ["POST", "/logout"],
  ["DELETE", "/sessions"],
  ["DELETE", "/sessions/:id"],
];

describe.each(UNSAFE_ROUTES)("%s %s with a cookie (CWE-352)", (method, route) => {
  let signedIn: Awaited<ReturnType<typeof signIn>>;
  beforeAll(async () => {
    signedIn = await signIn();
  });
  const send = ({ browser, id }: typeof signedIn, headers: Record<string, string>, body: string | null = null) =>
    browser.fetch(route.replace(":id", id), { method, headers, body });

  it.each(FOREIGN.filter(([, origin]) => origin !== ""))(
    "from %s is a 403, and nothing happens",
    async (_who, origin) => {
      for (const site of ["cross-site", "same-origin"]) {
        const answer = await send(signedIn, { Origin: origin, "Sec-Fetch-Site": site });
        await expectError(answer, 403, "invalid_origin");
        expect(answer.headers.getSetCookie()).toEqual([]);
      }
      expect(await signedIn.untouched()).toBe(true);
    },
  );

  it.each(["cross-site", "same-site", "none", "SAME-ORIGIN", null])(
    "without an Origin and with Sec-Fetch-Site %s is a 403, and nothing happens",
    async (site) => {
      const headers: Record<string, string> = site === null ? {} : { "Sec-Fetch-Site": site };
      await expectError(await send(signedIn, headers), 403, "invalid_origin");
      expect(await signedIn.untouched()).toBe(true);
    },
  );

  it.each(["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "application/json"])(
    "from elsewhere is a 403 as %s as well",
    async (type) => {
      const answer = await send(signedIn, { Origin: "https://evil.test", "Content-Type": type }, "everywhere=true");
      await expectError(answer, 403, "invalid_origin");
      expect(await signedIn.untouched()).toBe(true);
    },
  );

  it.each([
    ...ALLOWED.map((origin) => [origin, { Origin: origin }] as const),
    ["the auth host itself", { Origin: AUTH }] as const,
    ["the auth host's own page, without an Origin", { "Sec-Fetch-Site": "same-origin" }] as const,
  ])("from %s does what it says", async (_who, headers) => {
    const own = await signIn();
    expect((await send(own, headers)).status).toBe(204);
    expect(await own.untouched()).toBe(false);
  });
});

describe("a program", () => {
  it("that sends no cookie needs no Origin: it has no authority that a page could borrow", async () => {
    expect((await worker.fetch("/logout", { method: "POST" })).status).toBe(204);
    await expectError(await worker.fetch("/sessions", { method: "DELETE" }), 401, "unauthenticated");
  });
});
