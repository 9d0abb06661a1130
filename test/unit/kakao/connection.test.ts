import { createServer, type RequestListener } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { KakaoRequestError } from "../../../src/kakao/index.ts";
import { callKakao, type KakaoCall } from "../../../src/kakao/request.ts";

// What only a real connection does: callKakao() against servers on loopback.

const CALL: KakaoCall = { step: "token", url: "", method: "GET" };
const KIB = 1024;

const failureOf = async (work: Promise<unknown>) => {
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(KakaoRequestError);
  return error instanceof KakaoRequestError ? error.failure : null;
};

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
};

test("does not follow a redirect (CWE-918)", async () => {
  let followed = false;
  const origin = await serve((request, response) => {
    if (request.url === "/elsewhere") followed = true;
    response.writeHead(302, { Location: "/elsewhere" }).end("x");
  });
  expect(await failureOf(callKakao({ ...CALL, url: `${origin}/oauth/token` }))).toMatchObject({
    code: "redirected",
    status: 302,
  });
  await wait(20);
  expect(followed).toBe(false);
});

test("stops reading an endless answer (CWE-770)", async () => {
  let sent = 0;
  const origin = await serve((_, response) => {
    const more = (): void => {
      sent += 64 * KIB;
      if (!response.destroyed && sent < 512 * KIB * KIB) response.write("x".repeat(64 * KIB), more);
    };
    more();
  });
  expect(await failureOf(callKakao({ ...CALL, url: origin }))).toMatchObject({ code: "too_large", status: 200 });
  expect(sent).toBeLessThan(32 * KIB * KIB);
});

test("ends after 3 s when the body never ends", { timeout: 10_000 }, async () => {
  const origin = await serve((_, response) => {
    response.writeHead(200).write("{");
  });
  const started = Date.now();
  expect(await failureOf(callKakao({ ...CALL, url: origin }))).toMatchObject({ code: "timeout", status: 200 });
  expect(Date.now() - started).toBeGreaterThan(2_900);
  expect(Date.now() - started).toBeLessThan(6_000);
});

test("ends at once when the caller gives up", async () => {
  const origin = await serve(() => {});
  const signal = AbortSignal.timeout(50);
  const started = Date.now();
  expect(await failureOf(callKakao({ ...CALL, url: origin, signal }))).toMatchObject({ code: "timeout" });
  expect(Date.now() - started).toBeLessThan(2_000);
});

test("a connection that breaks off", async () => {
  const origin = await serve((_, response) => {
    response.writeHead(200, { "Content-Length": "100" }).write("{");
    response.socket?.destroy();
  });
  expect(await failureOf(callKakao({ ...CALL, url: origin }))).toMatchObject({ code: "network" });
});

test("nobody there", async () => {
  expect(await failureOf(callKakao({ ...CALL, url: "http://127.0.0.1:1" }))).toMatchObject({
    code: "network",
    status: null,
  });
});

test.each([600, 999])("a status that no server should send: %i", async (status) => {
  const origin = await serve((_, response) => response.writeHead(status).end("{}"));
  expect(await failureOf(callKakao({ ...CALL, url: origin }))).toMatchObject({ status });
});
