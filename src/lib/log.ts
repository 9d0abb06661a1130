/** Facts of a log line: codes, numbers and names, never a credential or a text that a stranger or Kakao wrote. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>;

export type Log = {
  /** Also shown on the error page, so that a person and an operator can speak of the same line. */
  readonly reference: string;
  info(event: string, facts?: Facts): void;
  warn(event: string, facts?: Facts): void;
  error(event: string, facts?: Facts): void;
};

/** A log of programs that no request started. */
export const WITHOUT_RAY = (): null => null;

/** One JSON object a line; the ray is asked for when there is something to log. The reference is ours: a caller's `X-Request-Id` could be anything (CWE-117). */
export const createLog = (rayOf: () => string | null): Log => {
  // Made when first asked for: most requests never log.
  let made: string | null = null;
  const reference = (): string => {
    made ??= crypto.randomUUID().slice(0, 13);
    return made;
  };
  const line = (level: string, event: string, facts: Facts | undefined) => {
    const ray = rayOf();
    const known = ray && /^[\w-]{1,64}$/.test(ray) && { ray };
    return JSON.stringify({ level, event, reference: reference(), ...known, ...facts });
  };
  return {
    get reference() {
      return reference();
    },
    info: (event, facts) => console.log(line("info", event, facts)),
    warn: (event, facts) => console.warn(line("warn", event, facts)),
    error: (event, facts) => console.error(line("error", event, facts)),
  };
};

/**
 * What may be said of an unexpected error: its name and where it was thrown. Its message is dropped, since runtimes
 * quote addresses and values in theirs.
 */
export const describeError = (error: unknown): Facts => {
  if (!(error instanceof Error)) return { thrown: typeof error };
  const stack = error.stack ?? "";
  // A message can have lines that look like frames, so it is cut off first.
  const end = stack.indexOf(error.message) + error.message.length;
  const frames = stack
    .slice(end)
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
  return { thrown: error.name, at: frames.slice(0, 5).join(" | ").slice(0, 600) };
};
