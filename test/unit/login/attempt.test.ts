import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../../src/lib/hash.ts";
import { createKeyring } from "../../../src/lib/keyring.ts";
import { type Attempt, deriveCredentials, keepAttempt, newAttempt, openAttempt } from "../../../src/login/attempt.ts";
import { readLoginRequest } from "../../../src/login/request.ts";

const RING = createKeyring([new Uint8Array(32).fill(1)]);
const STATE = "s".repeat(43);

const attempt = (change: Partial<Attempt> = {}): Attempt => ({
  ...newAttempt({ redirectTo: "https://app.shop.test/", state: null, codeChallenge: null, silent: false }, 1_000),
  ...change,
});

/** The cookies that a browser with these cookies is given for an attempt, as `[name, value, attributes]`. */
const keep = async (kept: Attempt, cookieHeader = ""): Promise<[name: string, value: string, attributes: string][]> => {
  const app = new Hono();
  app.get("/", async (c) => {
    await keepAttempt(c, RING, STATE, kept);
    return c.text("");
  });
  const response = await app.request("/", { headers: { Cookie: cookieHeader } });
  return response.headers.getSetCookie().map((line) => {
    const [, name = "", value = "", attributes = ""] = /^([^=]*)=([^;]*);(.*)$/.exec(line) ?? [];
    return [name, value, attributes];
  });
};

const strays = (count: number) => Array.from({ length: count }, (_, index) => `__Host-login-${index}=x`);

describe("an attempt's cookie", () => {
  test("opens for its own state, and for no other", async () => {
    const kept = attempt({ state: "mine" });
    const [[name, value] = ["", ""]] = await keep(kept);
    const header = `${name}=${value}`;
    expect((await openAttempt(RING, header, await sha256(STATE)))?.attempt).toEqual(kept);
    expect(await openAttempt(RING, header, await sha256("o".repeat(43)))).toBeNull();
  });

  test("under the name of another state is that of another attempt (CWE-352)", async () => {
    const [[, value] = ["", ""]] = await keep(attempt());
    const otherHash = await sha256("o".repeat(43));
    expect(await openAttempt(RING, `__Host-login-${otherHash.slice(0, 16)}=${value}`, otherHash)).toBeNull();
  });

  test("shows neither nonce, verifier nor target", async () => {
    const kept = attempt();
    const shown = JSON.stringify(await keep(kept));
    const plain = Buffer.from((await keep(kept))[0]?.[1] ?? "", "base64url").toString("latin1");
    for (const secret of [kept.nonce, kept.codeVerifier, kept.seed, kept.redirectTo]) {
      expect(shown + plain).not.toContain(secret);
    }
  });

  test("is for this host, TLS and HTTP alone, and is sent when Kakao leads back", async () => {
    const [[name, , attributes] = ["", "", ""]] = await keep(attempt());
    expect(name).toMatch(/^__Host-login-[\w-]{16}$/);
    for (const part of ["Path=/", "HttpOnly", "Secure", "SameSite=Lax"]) expect(attributes).toContain(part);
    expect(attributes).not.toMatch(/Domain/i);
  });

  test.each([
    ["an ordinary state", "a"],
    ["a state of quotes", '"'],
    ["a state of backslashes", "\\"],
  ])("fits into the 4,096 bytes that browsers keep, at the longest target: %s", async (_, character) => {
    const request = readLoginRequest(new URLSearchParams({ state: character.repeat(512) }));
    // A state that is refused at the start needs no place.
    if ("problem" in request) return;
    const longest = { redirectTo: "https://app.shop.test/".padEnd(2048, "a"), codeChallenge: "c".repeat(43) };
    const [[name, value] = ["", ""]] = await keep(attempt({ ...longest, state: request.state }));
    expect(value).not.toBe("");
    // RFC 6265bis section 5.6: name and value together.
    expect(name.length + value.length).toBeLessThanOrEqual(4096);
  });
});

describe("at most five attempts a browser", () => {
  test.each([
    ["none", 0, []],
    ["four", 4, []],
    ["five: the oldest goes", 5, ["__Host-login-0"]],
    ["seven: the three oldest go", 7, ["__Host-login-0", "__Host-login-1", "__Host-login-2"]],
  ])("with %s there", async (_, count, evicted) => {
    const cookies = await keep(attempt(), strays(count).join("; "));
    const cleared = cookies.filter(([, value]) => value === "");
    expect(cleared.map(([name]) => name)).toEqual(evicted);
    for (const [, , attributes] of cleared) expect(attributes).toContain("Max-Age=0");
  });

  test("other cookies are left alone", async () => {
    const others = "__Host-session=x; __Host-login=x; __Host-login-a b=x; xlogin-1=x; __Host-login-<x>=x";
    expect(await keep(attempt(), [others, ...strays(4)].join("; "))).toHaveLength(1);
  });
});

test("the credentials of an attempt follow from its seed, apart from one another", async () => {
  const kept = attempt();
  const credentials = await deriveCredentials(kept);
  expect(await deriveCredentials({ ...attempt(), seed: kept.seed })).toEqual(credentials);
  expect(await deriveCredentials(attempt())).not.toEqual(credentials);
  expect(credentials.sessionToken).toMatch(/^[\w-]{43}$/);
  expect(credentials.loginId).toMatch(/^[\w-]{22}$/);
  expect(credentials.sessionToken).not.toContain(credentials.loginId);
});
