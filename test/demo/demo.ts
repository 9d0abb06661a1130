import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_APP } from "../simulator/index.ts";
import { serveKakao } from "../simulator/serve.ts";
import { type Addresses, chooseAddresses } from "./addresses.ts";
import { printWorkerLog } from "./log.ts";
import { welcome } from "./messages.ts";
import { localAuthSecret, readDevVars, realKakaoKeys } from "./secrets.ts";
import { serveFrontend } from "./serve-frontend.ts";
import { Shutdown } from "./shutdown.ts";
import { type KakaoSide, workerVariables } from "./variables.ts";
import { watchFolder } from "./watch.ts";
import { type LocalWorker, startWorker } from "./worker.ts";

const PROJECT_FOLDER = join(import.meta.dirname, "../..");
const STATE_FOLDER = join(PROJECT_FOLDER, ".wrangler/demo");

export type DemoOptions = {
  /** An empty database that is thrown away at the end, and the simulator, whatever `.dev.vars` says. */
  trial: boolean;
};

/**
 * Starts the whole demo and prints where it is. Stops at Ctrl-C.
 *
 * @throws StartFailure when the person at the terminal has to mend something; whatever had started is stopped again
 */
export async function startDemo({ trial }: DemoOptions): Promise<void> {
  const shutdown = new Shutdown();
  shutdown.listenForSignals();
  try {
    const stateFolder = trial ? await temporaryFolder(shutdown) : STATE_FOLDER;
    const devVars = trial ? {} : await readDevVars(join(PROJECT_FOLDER, ".dev.vars"));
    const addresses = await chooseAddresses();
    const kakao = await kakaoSide(addresses, devVars, shutdown);
    const authSecret = await localAuthSecret(stateFolder);

    for (const { origin, port } of [addresses.sameSite, addresses.otherSite]) {
      shutdown.add(await serveFrontend(new URL(origin).hostname, port, addresses.worker.origin));
    }
    const worker = shutdown.add(
      await startWorker({
        projectFolder: PROJECT_FOLDER,
        // People of the simulator and real ones never meet in one database.
        stateFolder: join(stateFolder, kakao.kind),
        port: addresses.worker.port,
        vars: workerVariables(addresses, kakao, authSecret, devVars),
        log: printWorkerLog,
      }),
    );
    shutdown.listenForSignals();
    shutdown.add(watchFolder(join(PROJECT_FOLDER, "src"), () => reload(worker)));
    process.stdout.write(welcome(addresses, kakao.kind));
  } catch (error) {
    await shutdown.closeAll();
    throw error;
  }
}

async function temporaryFolder(shutdown: Shutdown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kakao-auth-trial-"));
  shutdown.add({ close: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }) });
  return folder;
}

/** Puts changed code in place. Code that does not build is said so, and the Worker that runs goes on running. */
async function reload(worker: LocalWorker): Promise<void> {
  try {
    await worker.rebuild();
    process.stdout.write("  src changed: the Worker was built again.\n");
  } catch (error) {
    process.stderr.write(`  ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

async function kakaoSide(
  addresses: Addresses,
  devVars: Record<string, string>,
  shutdown: Shutdown,
): Promise<KakaoSide> {
  const keys = realKakaoKeys(devVars);
  if (keys !== null) {
    return { kind: "real", keys };
  }
  const app = { ...DEFAULT_APP, redirectUris: [`${addresses.worker.origin}/login/kakao/callback`] };
  const { origin, close } = await serveKakao({
    port: addresses.simulator.port,
    options: { apps: [app], authOrigin: addresses.simulator.origin, apiOrigin: addresses.simulator.origin },
  });
  shutdown.add({ close: async () => close() });
  return { kind: "simulated", keys: { clientId: app.restApiKey, clientSecret: app.clientSecret ?? "" }, origin };
}
