import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FULL_PROFILE } from "../simulator/index.ts";
import { callsToKakao, SESSION_COOKIE, setCookieOf } from "./support/answers.ts";
import { newBrowser } from "./support/browser.ts";
import { countRows } from "./support/database.ts";
import { AUTH, SHOP, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
beforeEach(() => {
  worker.kakao.faults.clear();
  worker.kakao.calls.length = 0;
});
afterAll(() => worker.close());

let people = 0;
const newPerson = () => {
  people += 1;
  return { ...FULL_PROFILE, id: String(2_604_200_000 + people), loginId: `person${people}@example.com` };
};

/** A callback and the `Cookie` header that goes with it, to be sent as often as a test likes. */
const backFromKakao = async () => {
  const browser = newBrowser(worker);
  const callback = await browser.visitKakao({ person: newPerson() });
  const cookie = browser.cookieHeader();
  worker.kakao.calls.length = 0;
  const send = () => worker.fetch(callback.pathname + callback.search, { headers: { Cookie: cookie } });
  return { browser, callback, send };
};

const exchanges = () => callsToKakao(worker).filter((path) => path === "/oauth/token").length;
const tokenOf = (answer: Response) => /^[^=]+=([^;]+)/.exec(setCookieOf(answer, SESSION_COOKIE) ?? "")?.[1];
const errorOf = (answer: Response) => new URL(answer.headers.get("Location") ?? "").searchParams.get("error");

const rows = async () => ({
  users: await countRows(worker.db, "user"),
  sessions: await countRows(worker.db, "user_session"),
});

describe("a callback that one browser fires twice", () => {
  it.each([2, 5])("at once (%i times): one exchange, one user, one session, the same answers", async (times) => {
    const { send } = await backFromKakao();
    const before = await rows();
    const answers = await Promise.all(Array.from({ length: times }, send));
    expect(exchanges()).toBe(1);
    expect(await rows()).toEqual({ users: before.users + 1, sessions: before.sessions + 1 });
    expect(answers.map((answer) => [answer.status, answer.headers.get("Location")])).toEqual(
      Array.from({ length: times }, () => [302, `${SHOP}/welcome`]),
    );
    const tokens = new Set(answers.map(tokenOf));
    expect(tokens.size).toBe(1);
    expect([...tokens][0]).toMatch(/^[\w-]{43}$/);
  });

  it("one after the other: the second ends where the first did", async () => {
    const { send } = await backFromKakao();
    const [first, second] = [await send(), await send()];
    expect(exchanges()).toBe(1);
    expect(second.headers.get("Location")).toBe(first.headers.get("Location"));
    expect(tokenOf(second)).toBe(tokenOf(first));
    const answer = await worker.fetch("/session", { headers: { Cookie: `${SESSION_COOKIE}=${tokenOf(second)}` } });
    expect(await answer.json()).toMatchObject({ user: { id: expect.any(String) } });
  });

  it("whose first answer takes its time: the second waits for it", async () => {
    worker.kakao.faults.set("user", { kind: "delay", ms: 1000 }, 1);
    const { send } = await backFromKakao();
    const [first, second] = await Promise.all([send(), send()]);
    expect(exchanges()).toBe(1);
    expect(tokenOf(second)).toBe(tokenOf(first));
    expect(tokenOf(first)).toMatch(/^[\w-]{43}$/);
  });

  it("and whose first one failed: the second fails in the same way, and Kakao is not asked again", async () => {
    worker.kakao.faults.set("user", { kind: "kakao_error", status: 403, body: { msg: "", code: -402 } });
    const { send } = await backFromKakao();
    const answers = await Promise.all([send(), send()]);
    worker.kakao.faults.clear();
    expect([...answers, await send()].map(errorOf)).toEqual(Array(3).fill("consent_required"));
    expect(exchanges()).toBe(1);
  });

  it("with another code the second time: the second code never reaches Kakao (CWE-294)", async () => {
    const { browser, callback, send } = await backFromKakao();
    await send();
    const { pathname, searchParams } = callback;
    searchParams.set("code", "injected-by-somebody");
    await browser.fetch(`${pathname}?${searchParams}`);
    expect(exchanges()).toBe(1);
  });

  it("with an error the second time: the session stays", async () => {
    const { callback, send, browser } = await backFromKakao();
    const token = tokenOf(await send());
    await browser.fetch(`${callback.pathname}?error=access_denied&state=${callback.searchParams.get("state")}`);
    const answer = await worker.fetch("/session", { headers: { Cookie: `${SESSION_COOKIE}=${token}` } });
    expect(await answer.json()).toMatchObject({ user: { id: expect.any(String) } });
  });

  it("after the person logged out: login_expired, and nobody is signed in again (CWE-613)", async () => {
    const { send } = await backFromKakao();
    const cookie = `${SESSION_COOKIE}=${tokenOf(await send())}`;
    const before = await rows();
    await worker.fetch("/logout", { method: "POST", headers: { Cookie: cookie, Origin: AUTH } });
    const replay = await send();
    expect(errorOf(replay)).toBe("login_expired");
    expect(setCookieOf(replay, SESSION_COOKIE)).toBeNull();
    expect(exchanges()).toBe(1);
    expect(await rows()).toEqual({ ...before, sessions: before.sessions - 1 });
  });
});

/** Kakao tells nobody who they are before it was asked `count` times: so all of those logins look for the user at once. */
const holdUserAnswers = (count: number): void => {
  const { fetch } = worker.kakao;
  const all = Promise.withResolvers<void>();
  let asked = 0;
  worker.kakao.fetch = async (request) => {
    const answer = await fetch(request);
    if (new URL(request.url).pathname !== "/v2/user/me") return answer;
    asked += 1;
    if (asked === count) {
      worker.kakao.fetch = fetch;
      all.resolve();
    }
    // On a very slow machine not all of them arrive within the deadline of the first.
    await Promise.race([all.promise, new Promise((resolve) => setTimeout(resolve, 2000))]);
    return answer;
  };
};

describe("one person who logs in for the first time in fifty browsers at once", () => {
  it("becomes one user with fifty sessions", async () => {
    const person = newPerson();
    const before = await rows();
    const browsers = Array.from({ length: 50 }, () => newBrowser(worker));
    const callbacks: URL[] = [];
    for (const browser of browsers) callbacks.push(await browser.visitKakao({ person }));
    holdUserAnswers(50);
    const answers = await Promise.all(
      browsers.map((browser, index) => browser.fetch(callbacks[index]?.href.replace(AUTH, "") ?? "")),
    );
    expect(new Set(answers.map((answer) => answer.headers.get("Location")))).toEqual(new Set([`${SHOP}/welcome`]));
    expect(await rows()).toEqual({ users: before.users + 1, sessions: before.sessions + 50 });
    const views = await Promise.all(browsers.map((browser) => browser.session()));
    expect(new Set(views.map(({ user }) => user?.kakaoId))).toEqual(new Set([person.id]));
    expect(new Set(views.map(({ user }) => user?.id)).size).toBe(1);
    expect(new Set(views.map(({ session }) => session?.id)).size).toBe(50);
  });
});
