import { type ConfigResult, readConfig } from "./config.ts";
import { createMemory, type Memory } from "./session/check/memory.ts";

/** What one isolate keeps from request to request: its configuration, read once, and what it knows of sessions. */
export type Isolate = {
  readonly env: object;
  readonly configured: ConfigResult;
  readonly memory: Memory;
};

let isolate: Isolate | null = null;

/** The state of this isolate, made at its first request: its environment never changes. */
export const isolateFor = (env: object): Isolate => {
  if (isolate?.env !== env) isolate = { env, configured: readConfig({ ...env }), memory: createMemory() };
  return isolate;
};
