import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Fault } from "../simulator/index.ts";
import { logLine } from "./support/answers.ts";
import { newBrowser } from "./support/browser.ts";
import { countRows } from "./support/database.ts";
import { expectFailure, loginThrough } from "./support/failed-login.ts";
import { startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
beforeEach(() => {
  worker.kakao.calls.length = 0;
  worker.clearLogs();
});
afterEach(() => worker.kakao.faults.clear());
afterAll(() => worker.close());

const koe = (status: number, code: string, error: string): Fault => {
  const body = { error, error_description: "authorization code not found for code=abcdef", error_code: code };
  return { kind: "kakao_error", status, body };
};
const kapi = (status: number, code: number, msg = "words"): Fault => ({
  kind: "kakao_error",
  status,
  body: { msg, code },
});

type Row = [what: string, fault: Fault, error: string, cause: string];

const EITHER_CALL: Row[] = [
  ["a 500", { kind: "status", status: 500 }, "kakao_unavailable", "http_500"],
  ["a 502 from a proxy", { kind: "status", status: 502, body: "<html>" }, "kakao_unavailable", "http_502"],
  ["a 503", { kind: "status", status: 503, body: "maintenance" }, "kakao_unavailable", "http_503"],
  ["a 404", { kind: "status", status: 404 }, "login_failed", "http_404"],
  ["HTML", { kind: "html" }, "login_failed", "not_json"],
  ["a redirect (CWE-918)", { kind: "redirect", location: "https://evil.test/" }, "login_failed", "redirected"],
  ["half of an answer", { kind: "truncated" }, "login_failed", "not_json"],
  ["an answer without end (CWE-400)", { kind: "oversized" }, "login_failed", "too_large"],
  ["nothing in a 200", { kind: "status", status: 200 }, "login_failed", "not_json"],
  ["a JSON null", { kind: "status", status: 200, body: "null" }, "login_failed", "unexpected_shape"],
  ["a JSON list", { kind: "status", status: 200, body: "[]" }, "login_failed", "unexpected_shape"],
  ["an empty object", { kind: "status", status: 200, body: "{}" }, "login_failed", "unexpected_shape"],
];

const TOKEN_CALL: Row[] = [
  ["KOE320, a used or expired code", koe(400, "KOE320", "invalid_grant"), "login_expired", "KOE320"],
  ["KOE320 as a 401", koe(401, "KOE320", "invalid_grant"), "login_expired", "KOE320"],
  ["KOE003", koe(500, "KOE003", "server_error"), "kakao_unavailable", "KOE003"],
  ["KOE003 as a 400", koe(400, "KOE003", "misconfigured"), "kakao_unavailable", "KOE003"],
  ["KOE237, its quota", koe(400, "KOE237", "invalid_request"), "kakao_unavailable", "KOE237"],
  ["KOE006", koe(400, "KOE006", "invalid_request"), "kakao_misconfigured", "KOE006"],
  ["KOE009", koe(400, "KOE009", "misconfigured"), "kakao_misconfigured", "KOE009"],
  ["KOE010, the client secret", koe(401, "KOE010", "invalid_client"), "kakao_misconfigured", "KOE010"],
  ["KOE010 as a 400", koe(400, "KOE010", "invalid_client"), "kakao_misconfigured", "KOE010"],
  ["KOE101, the client id", koe(401, "KOE101", "invalid_client"), "kakao_misconfigured", "KOE101"],
  ["KOE114, another app", koe(400, "KOE114", "invalid_grant"), "kakao_misconfigured", "KOE114"],
  ["KOE205", koe(400, "KOE205", "invalid_scope"), "kakao_misconfigured", "KOE205"],
  ["KOE303, the redirect URI", koe(400, "KOE303", "invalid_grant"), "kakao_misconfigured", "KOE303"],
  ["invalid_client without a code", koe(401, "", "invalid_client"), "kakao_misconfigured", "invalid_client"],
  ["invalid_scope without a code", koe(400, "", "invalid_scope"), "kakao_misconfigured", "invalid_scope"],
  ["server_error without a code", koe(400, "", "server_error"), "kakao_unavailable", "server_error"],
  ["KOE313, the code verifier", koe(400, "KOE313", "invalid_grant"), "login_failed", "KOE313"],
  ["a code that nobody knows", koe(400, "KOE999", "invalid_grant"), "login_failed", "KOE999"],
];

const USER_CALL: Row[] = [
  ["-401", kapi(401, -401, "this access token does not exist"), "login_failed", "-401"],
  [
    "-401 for an address outside the app's allow list",
    kapi(401, -401, "ip mismatched! callerIp=198.51.100.7. check out registered ips."),
    "kakao_misconfigured",
    "-401",
  ],
  ["-402", kapi(403, -402, "insufficient scopes."), "consent_required", "-402"],
  ["-1", kapi(400, -1), "kakao_unavailable", "-1"],
  ["-7, maintenance", kapi(400, -7), "kakao_unavailable", "-7"],
  ["-9798, maintenance", kapi(503, -9798), "kakao_unavailable", "-9798"],
  ["-9798 as a 400", kapi(400, -9798), "kakao_unavailable", "-9798"],
  ["-2", kapi(400, -2), "login_failed", "-2"],
  ["-12, a blocked app", kapi(403, -12), "login_failed", "-12"],
  ...[
    ["no user number", '{"kakao_account":{}}'],
    ["a user number as text", '{"id":"2604117385"}'],
    ["a user number of zero", '{"id":0}'],
    ["a negative user number", '{"id":-2604117385}'],
    ["a fraction as user number", '{"id":2604117385.5}'],
    ["an exponent in the user number", '{"id":26041173.85e2}'],
    ["a user number of twenty digits", '{"id":26041173852604117385}'],
    ["the user number in the wrong place", '{"kakao_account":{"id":2604117385}}'],
    ["a kakao_account that is a text", '{"id":2604117385,"kakao_account":"x"}'],
  ].map(([what = "", body = ""]): Row => {
    return [what, { kind: "status", status: 200, body }, "login_failed", "unexpected_shape"];
  }),
];

describe.each([
  ["token", [...EITHER_CALL, ...TOKEN_CALL]],
  ["user", [...EITHER_CALL, ...USER_CALL]],
] as const)("when Kakao answers the %s call with", (endpoint, rows) => {
  it.each(rows)("%s, the front end is told, and the log knows the cause", async (_what, fault, error, cause) => {
    const browser = newBrowser(worker);
    const rowsBefore = await countRows(worker.db, "user_session");
    const answer = await loginThrough(worker, browser, () => worker.kakao.faults.set(endpoint, fault));
    await expectFailure(browser, answer, error);
    const line = await logLine(worker, { event: "kakao_refused" });
    expect(Object.values(line)).toContain(cause);
    expect(line).toMatchObject({ step: endpoint, error });
    expect(await countRows(worker.db, "user_session")).toBe(rowsBefore);
  });
});
