import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { SHOP, startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.close());

describe("GET /client.js", () => {
  it("is the built client, as an ES module that a front end may load", async () => {
    const answer = await worker.fetch("/client.js", { headers: { Origin: SHOP } });
    expect(answer.headers.get("Content-Type")).toBe("text/javascript; charset=utf-8");
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe(SHOP);
    expect(await answer.text()).toBe(await readFile("src/client/dist/client.js", "utf8"));
  });

  it("may be kept for an hour, and for ever under its version", async () => {
    const cacheOf = async (path: string) => (await worker.fetch(path)).headers.get("Cache-Control");
    expect(await cacheOf("/client.js")).toBe("public, max-age=3600");
    expect(await cacheOf(`/client.js?v=${packageJson.version}`)).toBe("public, max-age=31536000, immutable");
    expect(await cacheOf("/client.js?v=0.0.0")).toBe("public, max-age=3600");
  });

  it("names its integrity as its tag, and answers 304 to whoever has it (RFC 9110 section 13.1.2)", async () => {
    const first = await worker.fetch("/client.js");
    const digest = createHash("sha384")
      .update(await first.text())
      .digest("base64");
    expect(first.headers.get("ETag")).toBe(`"sha384-${digest}"`);
    const again = await worker.fetch("/client.js", {
      headers: { "If-None-Match": `"sha384-${digest}"`, Origin: SHOP },
    });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect(again.headers.get("Access-Control-Allow-Origin")).toBe(SHOP);
  });
});
