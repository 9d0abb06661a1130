import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newBrowser } from "./support/browser.ts";
import { type Isolates, startIsolates } from "./support/isolates.ts";
import { bookmarkOf } from "./support/replicas.ts";
import { bearer, check, storeSession } from "./support/sessions.ts";
import { AUTH } from "./support/worker.ts";

const ON = { vars: { D1_READ_REPLICAS: "true", REVOCATION_LAG_SECONDS: "300" } };

let isolates: Isolates<"here" | "there">;
beforeAll(async () => {
  isolates = await startIsolates({ here: ON, there: ON });
});
afterAll(() => isolates.close());

describe("D1 as workerd has it, with sessions and bookmarks of its own and no replica", () => {
  it("gives a bookmark that a check elsewhere takes, and a whole visit goes through", async () => {
    await check(isolates.there, bearer(await storeSession(isolates.db)));
    const browser = newBrowser(isolates.here);
    const bookmark = bookmarkOf(await browser.login());
    expect(bookmark).toMatch(/^[\da-f]{8}-[\da-f]{8}-[\da-f]{8}-[\da-f]{32}$/);

    await isolates.there.usage();
    // The isolate has not read as far as the browser has seen; once it has, a replica will do.
    for (const source of ["database", "replica"]) {
      const seen = await check(isolates.there, { Cookie: browser.cookieHeader() });
      expect(seen).toMatchObject({ status: 200, source, userId: expect.any(String) });
      expect((await isolates.there.usage()).trips).toBe(1);
    }

    const logout = await browser.fetch("/logout", { method: "POST", headers: { Origin: AUTH } });
    expect([logout.status, browser.cookieHeader()]).toEqual([204, expect.not.stringContaining("bookmark")]);
    expect((await browser.session()).user).toBeNull();
  });
});
