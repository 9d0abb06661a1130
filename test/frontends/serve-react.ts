import { join } from "node:path";
import { Hono } from "hono";
import { build, type Rolldown } from "vite";

/** What Vite built, by path below the root. */
type Files = Map<string, { content: string | Uint8Array<ArrayBuffer>; type: string }>;

/**
 * Builds the React front end with Vite, in memory, and serves it.
 *
 * Built for development, since only then does React's Strict Mode run every effect twice: what a developer sees first,
 * and where a hand-off that is not idempotent breaks.
 */
export async function reactFrontend({ authOrigin }: { authOrigin: string }): Promise<Hono> {
  const built = await build({
    root: join(import.meta.dirname, "react"),
    configFile: false,
    logLevel: "warn",
    mode: "development",
    define: {
      "import.meta.env.VITE_AUTH_ORIGIN": JSON.stringify(authOrigin),
      "process.env.NODE_ENV": JSON.stringify("development"),
    },
    build: { write: false, minify: false },
  });
  const files = filesOf(Array.isArray(built) ? built : [built as Rolldown.RolldownOutput]);

  const app = new Hono();
  app.get("*", (c) => {
    const path = c.req.path === "/" ? "/index.html" : c.req.path;
    const file = files.get(path);
    return file ? c.body(file.content, 200, { "Content-Type": file.type }) : c.notFound();
  });
  return app;
}

function filesOf(outputs: readonly Rolldown.RolldownOutput[]): Files {
  const files: Files = new Map();
  for (const part of outputs.flatMap(({ output }) => output)) {
    const content = part.type === "chunk" ? part.code : new Uint8Array(Buffer.from(part.source));
    files.set(`/${part.fileName}`, { content, type: mediaType(part.fileName) });
  }
  return files;
}

function mediaType(fileName: string): string {
  if (fileName.endsWith(".html")) return "text/html; charset=utf-8";
  return fileName.endsWith(".css") ? "text/css" : "text/javascript";
}
