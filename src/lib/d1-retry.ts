/**
 * Faults after which D1 says that trying again is safe for an idempotent statement. "overloaded" is not among them:
 * there a second try makes things worse.
 *
 * @see https://developers.cloudflare.com/d1/best-practices/retry-queries/
 */
const TRANSIENT = [
  "Network connection lost",
  "storage caused object to be reset",
  "reset because its code was updated",
  "Internal error while starting up D1 DB storage",
];

/** Runs idempotent work, once more after a transient fault. D1 retries reads by itself, writes never. */
export const withRetry = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!isTransient(error)) throw error;
    return await work();
  }
};

export const isTransient = (error: unknown): boolean =>
  error instanceof Error && TRANSIENT.some((text) => error.message.includes(text));
