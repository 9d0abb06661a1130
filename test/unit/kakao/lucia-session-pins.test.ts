import { type Adapter, type InitializeAdapter, lucia } from "lucia";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { inMemoryAdapter, SESSION_ATTRIBUTES, USER_ATTRIBUTES } from "./in-memory-adapter.ts";

// What lucia 2.7.7 does with sessions and users, and we work around. A failing test here means: the package changed,
// look at the workaround.

const DAY = 24 * 60 * 60 * 1000;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 1), toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const signedIn = async (changes: Partial<Adapter> = {}) => {
  const { adapter: plain, tables } = inMemoryAdapter();
  const adapter: InitializeAdapter<Adapter> = (LuciaError) => ({ ...plain(LuciaError), ...changes });
  const auth = lucia({ adapter, env: "PROD" });
  const { userId } = await auth.createUser({ key: null, attributes: USER_ATTRIBUTES });
  const { sessionId } = await auth.createSession({ userId, attributes: SESSION_ATTRIBUTES });
  return { auth, tables, userId, sessionId };
};

test("the adapter gets the session id in clear (CWE-256)", async () => {
  const { tables, sessionId } = await signedIn();
  expect([...tables.sessions.keys()]).toEqual([sessionId]);
});

test("there is no absolute lifetime: whoever comes back every week stays for years", async () => {
  const { auth, sessionId } = await signedIn();
  for (let week = 0; week < 150; week += 1) {
    vi.setSystemTime(Date.now() + 7 * DAY);
    expect((await auth.validateSession(sessionId)).fresh).toBe(true);
  }
});

test("deleteDeadUserSessions() does not wait for its deletes", async () => {
  let deleted = false;
  const { auth, userId } = await signedIn({
    deleteSession: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      deleted = true;
    },
  });
  vi.setSystemTime(Date.now() + 400 * DAY);
  await auth.deleteDeadUserSessions(userId);
  expect(deleted).toBe(false);
  await vi.waitFor(() => expect(deleted).toBe(true));
});

test("deleteUser() is three statements: a fault between them leaves half a user", async () => {
  const { auth, tables, userId } = await signedIn({
    deleteKeysByUserId: () => Promise.reject(new Error("Network connection lost")),
  });
  await expect(auth.deleteUser(userId)).rejects.toThrow("Network connection lost");
  expect([tables.sessions.size, tables.users.size]).toEqual([0, 1]);
});
