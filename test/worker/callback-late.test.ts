import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FULL_PROFILE } from "../simulator/index.ts";
import { SESSION_COOKIE, setCookieOf } from "./support/answers.ts";
import { newBrowser } from "./support/browser.ts";
import { countRows } from "./support/database.ts";
import { expectFailure, QUERY } from "./support/failed-login.ts";
import { type Isolates, startIsolates } from "./support/isolates.ts";
import type { D1Fault } from "./support/watched-d1.ts";
import { AUTH } from "./support/worker.ts";

let isolates: Isolates<"a">;
beforeAll(async () => {
  isolates = await startIsolates({ a: {} });
});
beforeEach(() => isolates.a.setFault({ kind: "none" }));
afterAll(() => isolates.close());

/** From the moment that Kakao is asked who the person is, D1 is like this: the attempt was claimed by then. */
const faultAfterClaim = (fault: D1Fault): void => {
  const { kakao, setFault } = isolates.a;
  const { fetch } = kakao;
  kakao.fetch = async (request) => {
    if (new URL(request.url).pathname === "/v2/user/me") {
      kakao.fetch = fetch;
      await setFault(fault);
    }
    return fetch(request);
  };
};

describe("a sign-in that D1 finishes after its deadline", () => {
  it.each([
    ["done at once, told late", { kind: "answers_late", milliseconds: 2500 }],
    ["done late, like all that follows", { kind: "slow", milliseconds: 2500 }],
    ["done after what was to undo it", { kind: "slow", milliseconds: 2500, trips: 1 }],
  ] satisfies [string, D1Fault][])(
    "is login_failed, and no session of it lives when all has settled: %s (CWE-613)",
    async (_how, fault) => {
      const browser = newBrowser(isolates.a);
      const callback = await browser.visitKakao({ person: FULL_PROFILE, query: QUERY });
      const cookie = browser.cookieHeader();
      const send = () => isolates.a.fetch(callback.href.replace(AUTH, ""), { headers: { Cookie: cookie } });
      const before = await countRows(isolates.db, "user_session");
      faultAfterClaim(fault);
      const first = await send();
      await wait(6000);
      await isolates.a.setFault({ kind: "none" });
      await expectFailure(browser, first, "login_failed");
      expect(await countRows(isolates.db, "user_session")).toBe(before);

      const second = await send();
      expect(second.headers.get("Location")).toBe(first.headers.get("Location"));
      expect(setCookieOf(second, SESSION_COOKIE)).toBeNull();
      expect(await countRows(isolates.db, "user_session")).toBe(before);
    },
  );
});
