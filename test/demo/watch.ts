import { watch } from "node:fs";
import type { Closeable } from "./shutdown.ts";

/** How long the editor's last write must be ago: one save is often several events. */
const QUIET_MILLISECONDS = 150;

/**
 * Calls `changed` after files under `folder` were saved. A change during a call leads to one more call after it;
 * calls never overlap.
 */
export function watchFolder(folder: string, changed: () => Promise<void>): Closeable {
  let timer: NodeJS.Timeout | undefined;
  let last = Promise.resolve();
  const watcher = watch(folder, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      last = last.then(changed);
    }, QUIET_MILLISECONDS);
  });
  // A folder that vanishes while git changes branches is no reason to stop the demo.
  watcher.on("error", () => undefined);
  return {
    async close() {
      clearTimeout(timer);
      watcher.close();
      await last;
    },
  };
}
