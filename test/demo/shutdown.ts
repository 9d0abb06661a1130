/** Something started that must be stopped again. */
export type Closeable = { close(): Promise<void> };

/**
 * Collects what was started and stops it, newest first, at Ctrl-C, at a polite kill and when the terminal closes.
 * A second Ctrl-C does not wait.
 */
export class Shutdown {
  readonly #started: Closeable[] = [];
  #stopping = false;

  /** Registers `thing` and hands it back. */
  add<T extends Closeable>(thing: T): T {
    this.#started.push(thing);
    return thing;
  }

  async closeAll(): Promise<void> {
    for (const thing of this.#started.splice(0).reverse()) {
      await thing.close().catch(() => undefined);
    }
  }

  /**
   * Makes the signals that end a program close everything first. To be called again after Miniflare has started: it
   * installs listeners that leave at once, before anything is closed; what it does at exit stays in place.
   */
  listenForSignals(): void {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.removeAllListeners(signal);
      process.on(signal, () => {
        if (this.#stopping) {
          process.exit(1);
        }
        this.#stopping = true;
        process.stdout.write("\n  Stopping.\n");
        void this.closeAll().then(() => process.exit(0));
      });
    }
  }
}
