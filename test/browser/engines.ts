import { chromiumEngine } from "./chromium.ts";
import type { Engine } from "./engine.ts";
import { firefoxEngine } from "./firefox.ts";
import { webkitEngine } from "./webkit.ts";

const ENGINES: readonly Engine[] = [chromiumEngine, firefoxEngine, webkitEngine];

/**
 * The engines of this run: all, or those that the environment variable `BROWSER_ENGINES` names
 * (`BROWSER_ENGINES=chromium,firefox`).
 *
 * @throws Error that names every engine of the run that is not installed, with the way to get it: a run that silently
 * left one out would look like a run that passed in it
 */
export function chosenEngines(): Engine[] {
  const names = (process.env.BROWSER_ENGINES ?? "")
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  const known = ENGINES.map(({ name }) => name.toLowerCase());
  const strange = names.filter((name) => !known.includes(name));
  if (strange.length > 0) {
    throw new Error(`BROWSER_ENGINES names ${strange.join(", ")}; there are ${known.join(", ")}.`);
  }
  const chosen = ENGINES.filter(({ name }) => names.length === 0 || names.includes(name.toLowerCase()));
  const missing = chosen.map((engine) => engine.missing()).filter((text) => text !== null);
  if (missing.length > 0) {
    const choice = "To run in some engines only, name them: BROWSER_ENGINES=chromium,firefox npm run test:browser";
    throw new Error(["The browser tests lack an engine.", ...missing, choice].join("\n"));
  }
  return chosen;
}
