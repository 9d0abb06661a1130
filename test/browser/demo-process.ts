import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export type DemoProcess = {
  /** Everything printed so far. */
  output(): string;
  /** The address that the terminal shows beside `label`. */
  address(label: string): string;
  /** Presses Ctrl-C. @returns the exit code */
  interrupt(): Promise<number | null>;
};

/**
 * Starts what `npm start` starts, without a terminal, and waits until it has printed where everything is.
 *
 * @throws Error with the output when it ends before that
 */
export async function startDemoProcess(): Promise<DemoProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../start.ts"), "--trial"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  let output = "";
  const ready = new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      if (output.includes("Stop with Ctrl-C")) {
        resolve();
      }
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => reject(new Error(`npm start ended with ${code} and said:\n${output}`)));
  });
  await ready;
  return {
    output: () => output,
    address(label) {
      const found = output.split("\n").find((line) => line.includes(label));
      const address = /https?:\/\/\S+/.exec(found ?? "")?.[0];
      if (!address) {
        throw new Error(`no address beside "${label}" in:\n${output}`);
      }
      return address;
    },
    interrupt: () => interrupt(child),
  };
}

async function interrupt(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) {
    return child.exitCode;
  }
  const ended = once(child, "exit");
  child.kill("SIGINT");
  const [code] = await ended;
  return code;
}
