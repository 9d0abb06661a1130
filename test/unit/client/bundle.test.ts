import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, expectTypeOf, test } from "vitest";
import { bundleClient, MAXIMUM_GZIP_BYTES } from "../../../src/client/build.ts";
import { createAuthClient } from "../../../src/client/index.ts";
import type { SessionState } from "../../../src/client/types.ts";
import type { viewOf } from "../../../src/session/signed-in.ts";

const DIST = join(import.meta.dirname, "../../../src/client/dist");
const bundle = await bundleClient();

describe("the bundle", () => {
  test.each(Object.entries(bundle.files))(
    "has %s in dist as `node src/client/build.ts` writes it",
    async (name, content) => {
      expect(await readFile(join(DIST, name), "utf8")).toBe(content);
    },
  );

  test("is below 2,000 bytes gzip", () => {
    expect(MAXIMUM_GZIP_BYTES).toBe(2000);
    expect(bundle.gzipBytes).toBeLessThan(MAXIMUM_GZIP_BYTES);
  });

  test("is an ES module without imports, whose one export is createAuthClient", async () => {
    const script = bundle.files["client.js"];
    const module: object = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(script)}`);
    expect(Object.keys(module)).toEqual(["createAuthClient"]);
    expect(script).not.toMatch(/\bimport\b/);
  });

  test("is handed to the Worker with the integrity of exactly these bytes", async () => {
    const served = await import("../../../src/client/dist/served.ts");
    expect(served.CLIENT_SCRIPT).toBe(bundle.files["client.js"]);
    expect(served.CLIENT_INTEGRITY).toBe(bundle.integrity);
    expect(bundle.integrity).toMatch(/^sha384-[\w+/]{64}$/);
  });

  test("declares its types without importing any", () => {
    expect(bundle.files["client.d.ts"]).toContain("export declare const createAuthClient: CreateAuthClient;");
    expect(bundle.files["client.d.ts"]).not.toMatch(/\bimport\b/);
  });
});

test("a server that renders the page may create a client, which then does nothing", () => {
  const client = createAuthClient({ origin: "https://auth.example.com" });
  expect(client.onChange(() => {})).toBeTypeOf("function");
  expect(client).toMatchObject({ error: null, transport: null });
});

test("the client's types are what the server shows", () => {
  type Shown = ReturnType<typeof viewOf>;
  expectTypeOf<Shown>().toEqualTypeOf<Extract<SessionState, { session: object }>>();
});
