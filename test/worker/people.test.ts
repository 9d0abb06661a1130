import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  BARE,
  FULL_PROFILE,
  INVALID_EMAIL,
  NINETEEN_DIGITS,
  NO_EMAIL,
  type Person,
  UNVERIFIED_EMAIL,
} from "../simulator/index.ts";
import { newBrowser } from "./support/browser.ts";
import { countRows } from "./support/database.ts";
import { SHOP, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
beforeEach(() => worker.kakao.faults.clear());
afterAll(() => worker.close());

describe("people", () => {
  const given = (person: Person) => ({ kakaoId: person.id, nickname: person.account?.nickname ?? null });
  const picture = (person: Person) => person.account?.profileImageUrl.replace("http:", "https:") ?? null;

  it.each([
    ["who share everything", FULL_PROFILE, { email: "seoyun@example.com", emailVerified: true }],
    ["who keep their e-mail to themselves", NO_EMAIL, { email: null, emailVerified: false }],
    ["with an unverified e-mail", UNVERIFIED_EMAIL, { email: "jiho@example.com", emailVerified: false }],
    ["whose e-mail belongs to somebody else by now", INVALID_EMAIL, { email: null, emailVerified: false }],
    ["whose user number exceeds 2^53", NINETEEN_DIGITS, { email: "minjae@example.com", emailVerified: true }],
    ["without any kakao_account", BARE, { email: null, emailVerified: false }],
  ])("%s log in, with null for what Kakao did not give", async (_who, person, email) => {
    const browser = newBrowser(worker);
    expect((await browser.login({ person })).headers.get("Location")).toBe(`${SHOP}/welcome`);
    const { user } = await browser.session();
    expect(user).toMatchObject({ ...given(person), picture: picture(person), ...email });
  });

  it("are told apart by the exact digits of their user number (CWE-681)", async () => {
    const neighbour = { ...NINETEEN_DIGITS, id: "1376016924426273492", loginId: "neighbour@example.com" };
    await newBrowser(worker).login({ person: NINETEEN_DIGITS });
    await newBrowser(worker).login({ person: neighbour });
    const { results } = await worker.db
      .prepare("SELECT k.id, u.kakao_id FROM user_key k JOIN user u ON u.id = k.user_id WHERE k.id LIKE 'kakao:1376%'")
      .all();
    expect(results).toEqual(
      ["1376016924426273491", "1376016924426273492"].map((id) => ({ id: `kakao:${id}`, kakao_id: id })),
    );
  });

  it("are never linked by an e-mail address (CWE-287)", async () => {
    const sameAddress = { ...FULL_PROFILE, id: "2604119999", loginId: "other@example.com" };
    const [first, second] = [newBrowser(worker), newBrowser(worker)];
    await first.login({ person: FULL_PROFILE });
    await second.login({ person: sameAddress });
    const users = await Promise.all([first, second].map(async (b) => (await b.session()).user));
    expect(users[0]?.email).toBe(users[1]?.email);
    expect(users[0]?.id).not.toBe(users[1]?.id);
  });

  it.each([
    ["another type than documented", '{"profile":{"nickname":5,"profile_image_url":{}},"email":["a"]}'],
    ["an address that would run as script (CWE-79)", '{"profile":{"profile_image_url":"javascript:alert(1)"}}'],
    ["an e-mail whose validity is not told", '{"email":7,"is_email_verified":true}'],
    ["texts without end", `{"profile":{"nickname":"${"n".repeat(5000)}"},"email":"${"e".repeat(5000)}"}`],
    ["nothing inside", "{}"],
    ["null for an account", "null"],
  ])("log in although a profile field has %s", async (_what, account) => {
    const body = `{"id":${BARE.id},"kakao_account":${account}}`;
    worker.kakao.faults.set("user", { kind: "status", status: 200, body });
    const browser = newBrowser(worker);
    await browser.login({ person: BARE });
    const { user } = await browser.session();
    expect(user).toMatchObject({ nickname: null, picture: null, email: null, emailVerified: false });
  });
});

describe("a second login", () => {
  it("makes no second user, and shows the profile as it is now", async () => {
    const person = { ...UNVERIFIED_EMAIL, id: "2604118801", loginId: "again@example.com" };
    const first = newBrowser(worker);
    await first.login({ person });
    const users = await countRows(worker.db, "user");
    const account = { profile: { nickname: "새 이름" }, email: "new@example.com" };
    const verified = { is_email_valid: true, is_email_verified: true };
    const body = `{"id":${person.id},"kakao_account":${JSON.stringify({ ...account, ...verified })}}`;
    worker.kakao.faults.set("user", { kind: "status", status: 200, body });
    const second = newBrowser(worker);
    await second.login({ person });
    expect(await countRows(worker.db, "user")).toBe(users);
    const profile = { nickname: "새 이름", picture: null, email: "new@example.com", emailVerified: true };
    for (const browser of [first, second]) {
      expect((await browser.session()).user).toMatchObject(profile);
    }
  });
});
