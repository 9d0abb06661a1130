import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FULL_PROFILE } from "../simulator/index.ts";
import { logLine } from "./support/answers.ts";
import { newBrowser } from "./support/browser.ts";
import { countRows } from "./support/database.ts";
import { expectFailure, expectNothingSecretInLog, QUERY } from "./support/failed-login.ts";
import { AUTH, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
beforeEach(() => {
  worker.kakao.calls.length = 0;
  worker.clearLogs();
});
afterAll(() => worker.close());

describe("when Kakao sends the browser back with an error", () => {
  it.each([
    ["access_denied", "access_denied"],
    ["login_required", "login_required"],
    ["consent_required", "consent_required"],
    ["interaction_required", "interaction_required"],
    ["server_error", "kakao_unavailable"],
    ["temporarily_unavailable", "kakao_unavailable"],
    ["invalid_scope", "kakao_misconfigured"],
    ["invalid_client", "kakao_misconfigured"],
    ["invalid_request", "login_failed"],
    ["unauthorized_client", "login_failed"],
    ["an error that nobody knows", "login_failed"],
    ["__proto__", "login_failed"],
    ["signed_in", "login_failed"],
    ["login_expired", "login_failed"],
  ])("%s, the front end reads %s and Kakao is not asked", async (fromKakao, error) => {
    const browser = newBrowser(worker);
    const kakao = await browser.start(QUERY);
    const callback = new URL("/login/kakao/callback", AUTH);
    callback.searchParams.set("error", fromKakao);
    callback.searchParams.set("error_description", "words of <script>Kakao</script>");
    callback.searchParams.set("state", kakao.searchParams.get("state") ?? "");
    const cookies = [...browser.cookies.values()];
    const answer = await browser.fetch(callback.href.replace(AUTH, ""));
    await expectFailure(browser, answer, error);
    expect(answer.headers.get("Location")).not.toContain("Kakao%3C");
    expect(worker.kakao.calls).toEqual([]);
    await logLine(worker, { event: "login_ended", outcome: error });
    expectNothingSecretInLog(worker, callback, cookies);
  });

  it.each(["invalid_scope", "invalid_client"])("%s, the operator's log names it", async (fromKakao) => {
    const browser = newBrowser(worker);
    const state = (await browser.start(QUERY)).searchParams.get("state");
    await browser.fetch(`/login/kakao/callback?error=${fromKakao}&state=${state}`);
    await logLine(worker, { event: "login_ended" });
    expect(worker.logText()).toContain(fromKakao);
  });

  it("because the person pressed cancel, nobody is stored", async () => {
    const browser = newBrowser(worker);
    const users = await countRows(worker.db, "user");
    const person = { ...FULL_PROFILE, id: "2604118702", loginId: "hesitant@example.com" };
    await expectFailure(browser, await browser.login({ person, cancel: true, query: QUERY }), "access_denied");
    expect(await countRows(worker.db, "user")).toBe(users);
  });

  it.each([
    ["a code and an error at once", "code=abc&error=access_denied"],
    ["an empty code", "code="],
    ["neither code nor error", ""],
    ["an empty error", "error="],
    ["a code with a line break (CWE-93)", "code=a%0d%0ab"],
    ["a code without end", `code=${"c".repeat(1025)}`],
  ])("%s, it is login_failed and Kakao is not asked", async (_what, answered) => {
    const browser = newBrowser(worker);
    const state = (await browser.start(QUERY)).searchParams.get("state");
    const answer = await browser.fetch(`/login/kakao/callback?${answered}&state=${state}`);
    await expectFailure(browser, answer, "login_failed");
    expect(worker.kakao.calls).toEqual([]);
  });
});
