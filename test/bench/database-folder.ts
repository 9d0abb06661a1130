import { mkdtemp, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Linux keeps it in memory. */
const MEMORY = "/dev/shm";

/** The databases of a run take some 100 MB; containers often have less there. */
const NEEDED_BYTES = 1e9;

/**
 * A new folder for the databases of a run, in memory where the system has that: each write to a local D1 waits for the
 * disk, which costs this machine a millisecond or more and says nothing of D1, whose own disk is part of its distance.
 */
export const makeDatabaseFolder = async (): Promise<string> => {
  const memory = await statfs(MEMORY).catch(() => null);
  const isRoomy = memory !== null && memory.bavail * memory.bsize > NEEDED_BYTES;
  return mkdtemp(join(isRoomy ? MEMORY : tmpdir(), "kakao-auth-bench-d1-"));
};
