import { describe, expect, test } from "vitest";
import { createBrowser } from "./browser.ts";
import { nextTurn } from "./page.ts";
import { MINJI, SIGNED_OUT, signedIn } from "./signed-in.ts";

describe("session()", () => {
  test("shares one call among callers at the same time, and asks anew later", async () => {
    const { authHost, client } = await signedIn();
    const [first, second] = await Promise.all([client.session(), client.session()]);
    expect(first).toEqual(second);
    expect(authHost.calls).toHaveLength(1);
    await client.session();
    expect(authHost.calls).toHaveLength(2);
  });

  test.each([
    ["no network", "unreachable", "network"],
    ["a database outage", { status: 503, body: '{"error":"temporarily_unavailable"}' }, "temporarily_unavailable"],
    ["an error page", { status: 500, body: "<h1>oops" }, "temporarily_unavailable"],
    ["a success that cannot be read", { status: 200, body: '{"user":' }, "temporarily_unavailable"],
    ["a success that says nothing", { status: 200, body: "null" }, "temporarily_unavailable"],
    ["a success without a body", { status: 204, body: "" }, "temporarily_unavailable"],
    ["a success that names nobody, not even nobody", { status: 200, body: "{}" }, "temporarily_unavailable"],
    ["a success of something else", { status: 200, body: '{"status":"ok"}' }, "temporarily_unavailable"],
    ["an empty list", { status: 200, body: "[]" }, "temporarily_unavailable"],
    ["a number", { status: 200, body: "1" }, "temporarily_unavailable"],
    ["a bad configuration", { status: 500, body: '{"error":"misconfigured"}' }, "misconfigured"],
  ] as const)("rejects for %s, which is never 'signed out'", async (_name, fault, code) => {
    const { authHost, client, heard } = await signedIn();
    authHost.fail("/session", fault);
    await expect(client.session()).rejects.toMatchObject({ code });
    expect(client.transport).toBe("cookie");
    expect(await client.session()).toEqual(MINJI);
    expect(heard).not.toHaveBeenCalled();
  });

  test("drops no bearer and tells no tab because of an answer that is not the auth host's", async () => {
    const { authHost, localStorage, client, heard } = await signedIn({ keepsCookies: false });
    const remembered = [...localStorage.entries];
    authHost.fail("/session", { status: 200, body: "{}" });
    await expect(client.session()).rejects.toMatchObject({ code: "temporarily_unavailable" });
    expect([...localStorage.entries]).toEqual(remembered);
    expect(await client.session()).toEqual(MINJI);
    expect(authHost.calls).toEqual(["GET /session bearer", "GET /session bearer"]);
    expect(heard).not.toHaveBeenCalled();
  });

  test("gives up a host that does not answer after ten seconds", async () => {
    const { authHost, client, page } = await signedIn();
    authHost.fail("/session", "hang");
    const session = client.session();
    await nextTurn();
    page.waitTenSeconds();
    await expect(session).rejects.toMatchObject({ code: "network", status: 0 });
  });

  test("still answers where the browser blocks storage", async () => {
    const { cookies, authHost, openTab } = createBrowser({ blocksStorage: true });
    expect(await openTab().open().client().session()).toEqual(SIGNED_OUT);
    authHost.sessions.set("kept", "minji");
    cookies.set("session", "kept");
    expect(await openTab().open().client().session()).toEqual(MINJI);
  });
});
