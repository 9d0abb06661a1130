import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ability, Browser, Engine, OpenOptions } from "./engine.ts";
import type { World } from "./world.ts";

/** One story, told in terms that every engine understands. */
export type Scenario = {
  name: string;
  /** What the driver must be able to do for it. */
  needs?: readonly Ability[];
  run(stage: Stage): Promise<void>;
};

type Stage = {
  world: World;
  /** What the engine keeps decides how a session travels. */
  engine: Engine;
  /** A new person's browser: an empty profile. */
  openBrowser(options?: Pick<OpenOptions, "javaScript" | "language" | "blockCookies">): Promise<Browser>;
  /** Closes a browser and starts it again with what it had kept on disk. */
  restart(browser: Browser): Promise<Browser>;
};

/** Runs a scenario in `engine`, and closes whatever browser it left open. */
export async function perform(scenario: Scenario, engine: Engine, world: World): Promise<void> {
  const open = new Map<Browser, OpenOptions>();
  const folders: string[] = [];

  const start = async (options: OpenOptions) => {
    const browser = await engine.open(options);
    open.set(browser, options);
    return browser;
  };
  const stage: Stage = {
    world,
    engine,
    async openBrowser(options = {}) {
      const profileFolder = await mkdtemp(join(tmpdir(), "kakao-auth-profile-"));
      folders.push(profileFolder);
      const keepProfile = scenario.needs?.includes("restart") ?? false;
      return start({ ...options, profileFolder, keepProfile, tlsPort: world.tlsPort });
    },
    async restart(browser) {
      const options = open.get(browser);
      if (!options) {
        throw new Error("This browser was not opened on this stage.");
      }
      open.delete(browser);
      await browser.close();
      return start(options);
    },
  };

  try {
    await scenario.run(stage);
  } finally {
    await Promise.all([...open.keys()].map((browser) => browser.close()));
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 })));
  }
}
