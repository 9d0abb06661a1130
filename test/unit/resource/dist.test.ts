import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { compileVerifier } from "../../../src/resource/build.ts";

test("what Node servers import is what the source says: run `npm run build:packages` after a change", async () => {
  expect(await readFile("src/resource/dist/index.js", "utf8")).toBe(await compileVerifier());
});
