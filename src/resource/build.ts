/**
 * `node src/resource/build.ts` compiles the verifier to `dist/`, which is committed: Node runs no TypeScript out of
 * `node_modules`. A unit test fails when `dist/` no longer follows from the source.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const path = (name: string): string => join(import.meta.dirname, name);

export const compileVerifier = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [path("index.ts")],
    bundle: true,
    packages: "external",
    format: "esm",
    target: "es2022",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
};

if (import.meta.main) {
  await mkdir(path("dist/"), { recursive: true });
  await writeFile(path("dist/index.js"), await compileVerifier());
}
