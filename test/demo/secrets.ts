import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { StartFailure } from "./failure.ts";

/** The REST API key and its client secret, from `.dev.vars`. */
export type KakaoKeys = { clientId: string; clientSecret: string };

/** Reads `.dev.vars` (dotenv syntax); a missing file is an empty one. */
export async function readDevVars(path: string): Promise<Record<string, string>> {
  const text = await readIfPresent(path);
  const entries = Object.entries(parseEnv(text ?? "")).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return Object.fromEntries(entries);
}

/**
 * The keys of a real Kakao app, or `null` when `.dev.vars` names none and the simulator takes Kakao's place.
 *
 * @throws StartFailure when only one of the two is there: guessing which Kakao was meant would hide a typing error.
 */
export function realKakaoKeys(devVars: Record<string, string>): KakaoKeys | null {
  const { KAKAO_CLIENT_ID: clientId, KAKAO_CLIENT_SECRET: clientSecret } = devVars;
  if (clientId && clientSecret) {
    return { clientId, clientSecret };
  }
  if (clientId || clientSecret) {
    const [present, missing] = clientId
      ? ["KAKAO_CLIENT_ID", "KAKAO_CLIENT_SECRET"]
      : ["KAKAO_CLIENT_SECRET", "KAKAO_CLIENT_ID"];
    throw new StartFailure(
      `.dev.vars has ${present} but no ${missing}. Add it to log in with the real Kakao, or remove ${present} to use the simulator.`,
    );
  }
  return null;
}

/** The `AUTH_SECRET` of this checkout: made once, kept readable by its owner alone, so that sessions survive a restart. */
export async function localAuthSecret(folder: string): Promise<string> {
  const path = join(folder, "auth-secret");
  const kept = (await readIfPresent(path))?.trim();
  if (kept) {
    return kept;
  }
  const secret = randomBytes(32).toString("base64url");
  await mkdir(folder, { recursive: true });
  await writeFile(path, `${secret}\n`, { mode: 0o600 });
  return secret;
}

async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return null;
    }
    throw error;
  }
}
