import { styleText } from "node:util";

/** Prints one line of the Worker's log, set apart from the demo's own words. */
export function printWorkerLog(line: string): void {
  process.stdout.write(`${styleText("dim", `  worker  ${line}`)}\n`);
}
