/** Node's timers are late by a millisecond or two; the last part of a wait is spent asking the clock. */
const WATCHED_MILLISECONDS = 3;

/**
 * Settles at a time of `performance.now()`, late by some hundredths of a millisecond at most while this process has
 * nothing else to do.
 */
export const sleepUntil = (time: number): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (performance.now() >= time) resolve();
      else setImmediate(look);
    };
    const early = time - performance.now() - WATCHED_MILLISECONDS;
    if (early > 0) setTimeout(look, early);
    else look();
  });
