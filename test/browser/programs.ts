import { existsSync } from "node:fs";

export type Program = { path: string; missing: null } | { path: null; missing: string };

/**
 * Looks for a program in its usual places, or where the environment variable `variable` says.
 *
 * @param install the command that installs it on Debian
 */
export function findProgram(name: string, variable: string, places: readonly string[], install: string): Program {
  const named = process.env[variable];
  const path = (named ? [named] : places).find((place) => existsSync(place));
  if (path) {
    return { path, missing: null };
  }
  const found = named ? `${variable} names ${named}, which does not exist` : `No ${name} was found`;
  return { path: null, missing: `${found}: \`${install}\` on Debian, or set ${variable} to its executable.` };
}
