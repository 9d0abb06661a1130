import type { Faults } from "./faults.ts";
import type { Keys } from "./keys.ts";
import type { State } from "./state.ts";
import type { Fault, KakaoApp } from "./types.ts";

/** What every route works with. */
export type World = {
  /** Origin of authorize, token and OpenID Connect; also the issuer. */
  authOrigin: string;
  /** Origin of the user APIs. */
  apiOrigin: string;
  apps: readonly KakaoApp[];
  /** Milliseconds. */
  now: () => number;
  state: State;
  keys: Keys;
  faults: Faults;
};

/** Handed to the routes with each request: the fault that changes what they make rather than how it travels. */
export type RouteEnv = { Bindings: { fault: Fault | null } };
