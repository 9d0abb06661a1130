import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createKeyring } from "../../src/lib/keyring.ts";
import { mintProof, openProof, type Statement } from "../../src/session/check/proof.ts";
import { type Isolates, startIsolates } from "./support/isolates.ts";
import {
  bearer,
  check,
  cookies,
  HOUR,
  proofOf,
  randomText,
  type StoredSession,
  storeSession,
} from "./support/sessions.ts";
import { AUTH, SECRETS } from "./support/worker.ts";

const NEW_KEY = Buffer.alloc(32, "k2").toString("base64url");
const OLD_KEY = SECRETS.AUTH_SECRET;

/** Long enough that no background read of the feed is counted among the round trips of a check. */
const CALM = { vars: { REVOCATION_LAG_SECONDS: "120" } };

let isolates: Isolates<"issuer" | "judge" | "rotated" | "retired" | "namesake">;
beforeAll(async () => {
  isolates = await startIsolates({
    issuer: CALM,
    judge: CALM,
    rotated: { ...CALM, secrets: { AUTH_SECRET: `${NEW_KEY},${OLD_KEY}` } },
    retired: { ...CALM, secrets: { AUTH_SECRET: NEW_KEY } },
    namesake: { vars: { ...CALM.vars, AUTH_ORIGIN: "https://auth.other.test" } },
  });
  const session = await storeSession(isolates.db);
  const { issuer, judge, rotated, retired, namesake } = isolates;
  // From here on every isolate has read the feed.
  for (const isolate of [issuer, judge, rotated, retired, namesake]) {
    await check(isolate, cookies(session));
    await vi.waitFor(async () => expect((await isolate.usage()).trips).toBe(0));
  }
});
afterAll(() => isolates.close());

const keyring = (secret: string) => ({
  keyring: createKeyring([Buffer.from(secret, "base64url")]),
  issuer: AUTH,
});

/** A proof that the Worker would have made at another time, of another user, or under another key. */
const mintAnew = async (
  proof: string,
  session: StoredSession,
  change: Partial<Statement>,
  secret = OLD_KEY,
): Promise<string> => {
  const statement = await openProof(keyring(OLD_KEY), proof, session.token, Date.now());
  if (statement === null) throw new Error("the Worker makes its proofs in another way by now");
  return mintProof(keyring(secret), { ...statement, ...change }, session.token);
};

describe("a proof", () => {
  it("is believed by an isolate that never saw the session, without D1", async () => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.issuer, session);
    await isolates.judge.usage();
    const seen = await check(isolates.judge, cookies(session, proof));
    expect(seen).toMatchObject({ status: 200, source: "proof", userId: session.userId, proof: null });
    expect(await isolates.judge.usage()).toEqual({ trips: 0, rowsRead: 0 });
    expect((await check(isolates.judge, cookies(session, proof))).source).toBe("memory");
  });

  it("answers the same body as D1, and the same on /session/verify", async () => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.issuer, session);
    const fromProof = await check(isolates.judge, cookies(session, proof));
    const fromD1 = await check(isolates.rotated, cookies(session));
    expect([fromProof.source, fromD1.source]).toEqual(["proof", "database"]);
    expect(await fromProof.response.text()).toBe(await fromD1.response.text());
    const proxied = await isolates.retired.fetch("/session/verify", { headers: cookies(session) });
    const again = await isolates.judge.fetch("/session/verify", { headers: cookies(session, proof) });
    for (const header of ["X-Auth-User-Id", "X-Auth-Session-Id"]) {
      expect(again.headers.get(header)).toBe(proxied.headers.get(header));
    }
  });

  it("holds neither the session's token nor anything made from the keys", async () => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.issuer, session);
    const text = Buffer.from(proof.split(".")[0] ?? "", "base64url").toString();
    for (const secret of [session.token, OLD_KEY]) expect(proof + text).not.toContain(secret);
    expect(Object.keys(JSON.parse(text)).sort()).toEqual([
      "issuedAt",
      "renewAt",
      "seq",
      "sessionHash",
      "signedIn",
      "usableUntil",
    ]);
  });

  it("made under a key that has moved to the second place still holds, and a new one is made under the first", async () => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.issuer, session);
    expect((await check(isolates.rotated, cookies(session, proof))).source).toBe("proof");
    const other = await storeSession(isolates.db);
    const renewed = await proofOf(isolates.rotated, other);
    expect((await check(isolates.retired, cookies(other, renewed))).source).toBe("proof");
  });

  it("made under a key that is gone costs one D1 read and signs nobody out", async () => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.issuer, session);
    await isolates.retired.usage();
    const seen = await check(isolates.retired, cookies(session, proof));
    expect(seen).toMatchObject({ status: 200, source: "database", userId: session.userId });
    expect((await isolates.retired.usage()).trips).toBe(1);
    expect(seen.proof).not.toBeNull();
  });
});

describe("a proof of another deployment that has the same AUTH_SECRET (CWE-346)", () => {
  it.each([
    ["issuer", "namesake"],
    ["namesake", "issuer"],
  ] as const)("proves nothing: made by the %s, shown to the %s", async (maker, judge) => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates[maker], session);
    expect((await check(isolates[maker], cookies(session, proof))).source).toBe("memory");
    // The two share a D1 here, which is what answers.
    const seen = await check(isolates[judge], cookies(session, proof));
    expect(seen).toMatchObject({ status: 200, source: "database", userId: session.userId });
    expect(seen.proof).not.toBeNull();
  });

  it("signs nobody in where the session is unknown", async () => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.issuer, session);
    await isolates.db.prepare("DELETE FROM user_session WHERE login_id = ?").bind(session.loginId).run();
    expect(await check(isolates.namesake, cookies(session, proof))).toMatchObject({ status: 200, userId: null });
  });
});

type Forgery = (proof: string, session: StoredSession) => string | Promise<string>;

const flip = (text: string, at: number): string =>
  `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
const parts = (proof: string): [string, string] => {
  const [text = "", mark = ""] = proof.split(".");
  return [text, mark];
};
const rewritten = (proof: string, change: (statement: Statement) => object): string => {
  const [text, mark] = parts(proof);
  const statement = change(JSON.parse(Buffer.from(text, "base64url").toString()));
  return `${Buffer.from(JSON.stringify(statement)).toString("base64url")}.${mark}`;
};

const FORGERIES: [what: string, forge: Forgery][] = [
  ["empty", () => ""],
  ["a dot", () => "."],
  ["dots", () => "...."],
  ["words", () => "let-me-in"],
  ["truncated at the mark (CWE-347)", (proof) => proof.slice(0, -1)],
  ["truncated in the text", (proof) => proof.slice(10)],
  ["without its mark", (proof) => parts(proof)[0]],
  ["with an empty mark", (proof) => `${parts(proof)[0]}.`],
  ["with its mark alone", (proof) => `.${parts(proof)[1]}`],
  ["with its parts in another order", (proof) => parts(proof).reverse().join(".")],
  ["with a third part", (proof) => `${proof}.${parts(proof)[1]}`],
  ["with a mark of zeros", (proof) => `${parts(proof)[0]}.${"A".repeat(43)}`],
  ["with one bit of the text changed", (proof) => flip(proof, 20)],
  ["with one bit of the mark changed", (proof) => flip(proof, proof.length - 10)],
  ["with a character added", (proof) => `${proof}A`],
  ["with padding", (proof) => `${proof}=`],
  ["in percent encoding", (proof) => proof.replace(".", "%2E")],
  ["in quotes", (proof) => `"${proof}"`],
  [
    "rewritten for another user",
    (proof) =>
      rewritten(proof, (s) => ({ ...s, signedIn: { ...s.signedIn, user: { ...s.signedIn.user, id: "admin" } } })),
  ],
  ["rewritten to last for ever", (proof) => rewritten(proof, (s) => ({ ...s, usableUntil: 8e15 }))],
  ["of 8 kB", () => `${"A".repeat(8000)}.${"A".repeat(43)}`],
  [
    "of 8 kB, authentic",
    (proof, session) => mintAnew(proof, session, { padding: "x".repeat(6000) } as Partial<Statement>),
  ],
  [
    "expired",
    (proof, session) => mintAnew(proof, session, { issuedAt: Date.now() - 6 * 60_000, usableUntil: Date.now() - 1 }),
  ],
  [
    "from the future",
    (proof, session) => mintAnew(proof, session, { issuedAt: Date.now() + 60_000, usableUntil: Date.now() + 120_000 }),
  ],
  ["made with a foreign key", (proof, session) => mintAnew(proof, session, {}, randomBytes(32).toString("base64url"))],
  ["made with a key not yet known here", (proof, session) => mintAnew(proof, session, {}, NEW_KEY)],
];

describe("a bad proof beside a good session costs one D1 read, and D1's answer counts", () => {
  it.each(FORGERIES)("%s", async (_, forge) => {
    const session = await storeSession(isolates.db);
    const forged = await forge(await proofOf(isolates.issuer, session), session);
    await isolates.judge.usage();
    const seen = await check(isolates.judge, { Cookie: `__Host-session=${session.token}; __Host-proof=${forged}` });
    expect(seen).toMatchObject({ status: 200, source: "database", userId: session.userId });
    expect((await isolates.judge.usage()).trips).toBe(1);
  });

  it.each([
    ["twice, alike", (proof: string) => [proof, proof]],
    ["twice, a bad one first", (proof: string) => ["x", proof]],
    ["twice, a bad one second", (proof: string) => [proof, "x"]],
  ])("sent %s", async (_, both) => {
    const session = await storeSession(isolates.db);
    const sent = both(await proofOf(isolates.issuer, session)).map((proof) => `__Host-proof=${proof}`);
    await isolates.judge.usage();
    const seen = await check(isolates.judge, { Cookie: [`__Host-session=${session.token}`, ...sent].join("; ") });
    expect(seen).toMatchObject({ status: 200, source: "database", userId: session.userId });
    expect((await isolates.judge.usage()).trips).toBe(1);
  });
});

describe("a bad proof beside a session that D1 does not know signs nobody in", () => {
  it.each(FORGERIES)("%s", async (_, forge) => {
    const session = await storeSession(isolates.db);
    const forged = await forge(await proofOf(isolates.issuer, session), session);
    const unknown = { token: randomText() };
    const seen = await check(isolates.judge, { Cookie: `__Host-session=${unknown.token}; __Host-proof=${forged}` });
    expect(seen).toMatchObject({ status: 200, source: "signed_out", userId: null, proof: null });
  });
});

describe("a stolen proof (CWE-294)", () => {
  it("without a session cookie is nobody's, and D1 is not asked", async () => {
    const proof = await proofOf(isolates.issuer, await storeSession(isolates.db));
    await isolates.judge.usage();
    const seen = await check(isolates.judge, { Cookie: `__Host-proof=${proof}` });
    expect(seen).toMatchObject({ status: 200, source: "signed_out", userId: null });
    expect(seen.response.headers.getSetCookie()).toEqual([]);
    expect((await isolates.judge.usage()).trips).toBe(0);
  });

  it("as a session cookie, or as a bearer, is nobody's", async () => {
    const proof = await proofOf(isolates.issuer, await storeSession(isolates.db));
    for (const headers of [cookies({ token: proof }, proof), bearer({ token: proof })]) {
      expect(await check(isolates.judge, headers)).toMatchObject({ status: 200, userId: null });
    }
  });

  it.each([
    ["as one bearer", (token: string, proof: string) => ({ Authorization: `Bearer ${token}.${proof}` })],
    [
      "with the cut in another place",
      (token: string, proof: string) => ({
        Cookie: `__Host-session=${token}.${parts(proof)[0]}; __Host-proof=${parts(proof)[1]}`,
      }),
    ],
  ])("run together with its session's token is what D1 never heard of: %s (CWE-436)", async (_, headers) => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.issuer, session);
    await check(isolates.judge, cookies(session, proof));
    expect(await check(isolates.judge, headers(session.token, proof))).toMatchObject({ userId: null });
  });

  it("beside another's cookie shows that other one, from D1", async () => {
    const [thief, victim] = [await storeSession(isolates.db), await storeSession(isolates.db)];
    const proof = await proofOf(isolates.issuer, victim);
    const seen = await check(isolates.judge, cookies(thief, proof));
    expect(seen).toMatchObject({ source: "database", userId: thief.userId });
  });

  it("beside the hash of its session, which it tells, is nobody's", async () => {
    const session = await storeSession(isolates.db);
    const proof = await proofOf(isolates.issuer, session);
    const { sessionHash } = JSON.parse(Buffer.from(parts(proof)[0], "base64url").toString()) as Statement;
    expect(await check(isolates.judge, cookies({ token: sessionHash }, proof))).toMatchObject({ userId: null });
  });

  it("is not looked at beside a bearer, which decides", async () => {
    const [one, other] = [await storeSession(isolates.db), await storeSession(isolates.db)];
    const proof = await proofOf(isolates.issuer, one);
    const seen = await check(isolates.judge, { ...cookies(one, proof), ...bearer(other) });
    expect(seen).toMatchObject({ source: "database", userId: other.userId, proof: null });
  });
});

describe("a proof never outlives its session", () => {
  it("not even by a second", async () => {
    const session = await storeSession(isolates.db, { lifetime: 2000 });
    const proof = await proofOf(isolates.issuer, session);
    expect((await check(isolates.judge, cookies(session, proof))).source).toBe("proof");
    await new Promise((resolve) => setTimeout(resolve, 2100));
    for (const isolate of [isolates.issuer, isolates.judge, isolates.rotated]) {
      expect(await check(isolate, cookies(session, proof))).toMatchObject({ status: 200, userId: null });
    }
  });

  it("and ends when the session has to be renewed, so that a user who comes back is not signed out", async () => {
    const session = await storeSession(isolates.db, { lifetime: 30 * 24 * HOUR });
    await isolates.db
      .prepare("UPDATE user_session SET active_expires = ? WHERE login_id = ?")
      .bind(Date.now() + 1500, session.loginId)
      .run();
    const proof = await proofOf(isolates.issuer, session);
    await new Promise((resolve) => setTimeout(resolve, 1600));
    const seen = await check(isolates.judge, cookies(session, proof));
    expect(seen).toMatchObject({ source: "database", userId: session.userId });
    expect(seen.response.headers.getSetCookie().some((line) => line.startsWith("__Host-session="))).toBe(true);
  });
});
