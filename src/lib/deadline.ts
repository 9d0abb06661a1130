/** D1 answers within some milliseconds near its primary and within 300 ms across the world. */
export const DATABASE_MILLISECONDS = 2000;

const MISSED = "D1_DEADLINE";

/** Whether a call failed because nothing came back: another one would only wait as long again. */
export const hasMissedDeadline = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith(MISSED);

/** A database call that has not come back in time has failed: the caller may not wait for ever. */
export const withDeadline = async <T>(call: Promise<T>, milliseconds = DATABASE_MILLISECONDS): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${MISSED}: no answer within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([call, deadline]);
  } finally {
    clearTimeout(timer);
  }
};
