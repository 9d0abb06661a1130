import { readdir, readFile } from "node:fs/promises";

/**
 * Nanoseconds that a process has computed so far, all of its threads together; `null` where the system does not say
 * (anything but Linux).
 */
export const processorTime = async (processId: number): Promise<number | null> => {
  try {
    const threads = await readdir(`/proc/${processId}/task`);
    const times = await Promise.all(
      threads.map(async (thread) => {
        const text = await readFile(`/proc/${processId}/task/${thread}/schedstat`, "utf8");
        return Number(text.split(" ")[0]);
      }),
    );
    return times.reduce((sum, time) => sum + time, 0);
  } catch {
    return null;
  }
};

/** The workerd that this process started last; `null` where the system does not say. */
export const findWorkerd = async (): Promise<number | null> => {
  const processes = await readdir("/proc").catch(() => []);
  const ids = processes.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    ids.map(async (id) => {
      const text = await readFile(`/proc/${id}/stat`, "utf8").catch(() => "");
      const [, name, parent] = /\((.*)\) \S (\d+)/.exec(text) ?? [];
      return name === "workerd" && Number(parent) === process.pid ? id : null;
    }),
  );
  return found.findLast((id) => id !== null) ?? null;
};
