import { afterAll, beforeAll, describe, test } from "vitest";
import { callbackScenarios } from "./callback-scenarios.ts";
import { clientPage } from "./client-page.ts";
import { chosenEngines } from "./engines.ts";
import { handoffAttackScenarios } from "./handoff-attack-scenarios.ts";
import { handoffLogoutScenarios } from "./handoff-logout-scenarios.ts";
import { handoffScenarios } from "./handoff-scenarios.ts";
import { loginScenarios } from "./login-scenarios.ts";
import { perform, type Scenario } from "./scenario.ts";
import { sessionScenarios } from "./session-scenarios.ts";
import { PARTNER, startWorld, type World } from "./world.ts";

const chapters: [string, Scenario[]][] = [
  ["logging in", loginScenarios],
  ["callbacks", callbackScenarios],
  ["the session", sessionScenarios],
  ["a front end on another site", handoffScenarios],
  ["the end of a login that has several sessions", handoffLogoutScenarios],
  ["hand-off codes in wrong hands", handoffAttackScenarios],
];

describe.each(chosenEngines())("$name", (engine) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ frontends: () => ({ [PARTNER]: clientPage }) });
  });
  afterAll(async () => {
    await engine.end?.();
    await world?.close();
  });

  describe.each(chapters)("%s", (_chapter, scenarios) => {
    for (const scenario of scenarios) {
      const impossible = scenario.needs?.filter((ability) => engine.cannot.includes(ability)) ?? [];
      test.skipIf(impossible.length > 0)(scenario.name, () => perform(scenario, engine, world));
    }
  });
});
