/**
 * One line of the promises: what was aimed at, and what came out. `met` is `null` where nothing could be measured;
 * `cause`: where the cost lies when it is missed.
 */
export type Target = { measure: string; target: string; figure: string; met: boolean | null; cause?: string };
