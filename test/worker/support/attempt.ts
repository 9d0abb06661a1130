import { createHash } from "node:crypto";
import { createKeyring } from "../../../src/lib/keyring.ts";
import { open, seal } from "../../../src/lib/seal.ts";
import type { TestBrowser } from "./browser.ts";
import { SECRETS } from "./worker.ts";

const keyringOf = (secret: string) => createKeyring([Buffer.from(secret, "base64url")]);

/** The cookies of the logins that this browser has under way, the oldest first. */
export const attemptCookies = (browser: TestBrowser): [name: string, value: string][] =>
  [...browser.cookies].filter(([name]) => name.startsWith("__Host-login-"));

/**
 * Seals the attempt of a state anew, with the Worker's own code: as the Worker would have sealed it at another time, or
 * under another key. How the attempt is written inside is left open, but for its start in milliseconds.
 */
export const resealAttempt = async (
  sealed: string,
  state: string,
  change: { startedAt?: number; secret?: string; state?: string; openWith?: string },
): Promise<string> => {
  const hash = (text: string) => createHash("sha256").update(text).digest("base64url");
  const opener = keyringOf(change.openWith ?? SECRETS.AUTH_SECRET);
  const text = await open(opener, "login-attempt", hash(state), sealed);
  if (text === null) throw new Error("the Worker seals its attempts in another way by now");
  const isStart = (digits: string) => Math.abs(Number(digits) - Date.now()) < 60_000;
  const moved = text.replace(/(?<![\w-])\d{13}(?![\w-])/, (digits) =>
    isStart(digits) ? String(change.startedAt ?? digits) : digits,
  );
  if (change.startedAt !== undefined && moved === text) throw new Error("the attempt does not say when it started");
  const keyring = keyringOf(change.secret ?? SECRETS.AUTH_SECRET);
  return seal(keyring, "login-attempt", hash(change.state ?? state), moved);
};
