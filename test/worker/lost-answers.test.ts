import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { countRows } from "./support/database.ts";
import { type Isolates, startIsolates } from "./support/isolates.ts";
import { bearer, check, cookies, proofOf, type StoredSession, storeSession } from "./support/sessions.ts";
import { AUTH } from "./support/worker.ts";

/** Long enough that nothing but the revocation itself can make the isolate refuse. */
const SETTINGS = { vars: { REVOCATION_LAG_SECONDS: "300" } };

let isolates: Isolates<"here">;
beforeAll(async () => {
  isolates = await startIsolates({ here: SETTINGS });
});
afterEach(() => isolates.here.setFault({ kind: "none" }));
afterAll(() => isolates.close());

/** A session that the isolate remembers by its cookie and its proof, and by its token as a bearer. */
const remembered = async (userId?: string): Promise<{ session: StoredSession; proof: string }> => {
  const session = await storeSession(isolates.db, userId === undefined ? {} : { userId });
  const proof = await proofOf(isolates.here, session);
  await check(isolates.here, bearer(session));
  await wait(50);
  for (const headers of [cookies(session, proof), bearer(session)]) {
    expect(await check(isolates.here, headers)).toMatchObject({ source: "memory", userId: session.userId });
  }
  return { session, proof };
};

const send = (method: string, path: string, session: StoredSession): Promise<Response> =>
  isolates.here.fetch(path, { method, headers: { Origin: AUTH, ...cookies(session) } });

const expectRefused = async ({ session, proof }: { session: StoredSession; proof: string }): Promise<void> => {
  await isolates.here.setFault({ kind: "none" });
  for (const headers of [cookies(session, proof), bearer(session)]) {
    expect(await check(isolates.here, headers)).toMatchObject({ status: 200, userId: null });
  }
};

describe("a session that D1 has ended is refused at once in the isolate that asked for it (CWE-613), also when", () => {
  it("the answer to the logout was lost, and the second try found nothing to do", async () => {
    const known = await remembered();
    await isolates.here.setFault({ kind: "loses_answer", trip: 1 });
    expect((await send("POST", "/logout", known.session)).status).toBe(204);
    await expectRefused(known);
  });

  it("the answer to the logout came after its deadline, so that the person was told to try again", async () => {
    const known = await remembered();
    await isolates.here.setFault({ kind: "answers_late", milliseconds: 2500 });
    expect((await send("POST", "/logout", known.session)).status).toBe(503);
    await expectRefused(known);
  });

  it("another of the person's logins ended it, and the answer was lost", async () => {
    const known = await remembered();
    const other = await storeSession(isolates.db, { userId: known.session.userId });
    await isolates.here.setFault({ kind: "loses_answer", trip: 2 });
    expect((await send("DELETE", `/sessions/${known.session.loginId}`, other)).status).toBe(503);
    await expectRefused(known);
  });

  it("all the person's other logins were to end, and the answer was lost", async () => {
    const known = await remembered();
    const other = await storeSession(isolates.db, { userId: known.session.userId });
    await isolates.here.setFault({ kind: "loses_answer", trip: 2 });
    expect((await send("DELETE", "/sessions", other)).status).toBe(503);
    await expectRefused(known);
  });
});

it("a list of logins that D1 did not give leaves everybody's checks in memory: it was to end nothing", async () => {
  const { session, proof } = await remembered();
  await isolates.here.setFault({ kind: "fails", after: 1 });
  expect((await send("GET", "/sessions", session)).status).toBe(503);
  expect(await check(isolates.here, cookies(session, proof))).toMatchObject({ status: 200, source: "memory" });
});

it("a stranger's logout while D1 is away ends nobody's answers from memory (CWE-400)", async () => {
  const { session, proof } = await remembered();
  await isolates.here.setFault({ kind: "fails" });
  const stranger = { Origin: AUTH, ...bearer({ token: "A".repeat(43) }) };
  expect((await isolates.here.fetch("/logout", { method: "POST", headers: stranger })).status).toBe(503);
  expect(await check(isolates.here, cookies(session, proof))).toMatchObject({ status: 200, source: "memory" });
});

it("a stranger's logout makes no isolate ask D1 about everybody (CWE-400)", async () => {
  const { session, proof } = await remembered();
  const before = await countRows(isolates.db, "user_session");
  expect((await send("POST", "/logout", { token: "A".repeat(43), loginId: "", userId: "" })).status).toBe(204);
  expect(await countRows(isolates.db, "user_session")).toBe(before);
  expect(await check(isolates.here, cookies(session, proof))).toMatchObject({ source: "memory" });
});
