import { expect } from "vitest";
import { clientPageWith, logInAtPartner, unusedCode, watch } from "./handoff-visits.ts";
import type { Scenario } from "./scenario.ts";
import { AUTH, PARTNER } from "./world.ts";

const SIGNED_IN = 'body[data-state="signed-in"]';
const SIGNED_OUT = 'body[data-state="signed-out"]';

/** Exchanges a code as a script of the page would that made up a verifier of its own. */
const guess = (code: string) => `fetch("${AUTH}/session/exchange", {
  method: "POST",
  credentials: "include",
  headers: { "Content-Type": "application/json" },
  body: ${JSON.stringify(JSON.stringify({ code, code_verifier: "guess".repeat(10), transport: "bearer" }))},
}).then(async (response) => ({ status: response.status, body: await response.json() }))`;

/** Codes that were changed, stolen or used before. */
export const handoffAttackScenarios: Scenario[] = [
  {
    name: "a code is good for the tab that started the login, also when its page comes up later",
    async run({ openBrowser }) {
      const tab = await (await openBrowser()).newTab();
      await tab.goto(clientPageWith(await unusedCode(tab)));
      await tab.waitFor(SIGNED_IN);
      expect(tab.url().href).toBe(`${PARTNER}/`);
    },
  },
  {
    name: "a tampered code signs nobody in and says why",
    async run({ openBrowser, world }) {
      const tab = await (await openBrowser()).newTab();
      const address = await unusedCode(tab);
      const { exchanges } = watch(world);
      const code = address.searchParams.get("code") ?? "";
      const tampered = `${code.startsWith("A") ? "B" : "A"}${code.slice(1)}`;
      await tab.goto(clientPageWith(address, { code: tampered }));
      await tab.waitFor('body[data-state="signed-out"][data-error="invalid_grant"]');

      expect(exchanges().map(({ status }) => status)).toEqual([400]);
      expect(tab.url().href).toBe(`${PARTNER}/`);
    },
  },
  {
    name: "a stolen address in another browser signs nobody in, and costs its owner nothing (CWE-352)",
    async run({ openBrowser, world }) {
      const owner = await (await openBrowser()).newTab();
      const thief = await (await openBrowser()).newTab();
      const address = await unusedCode(owner);
      const { exchanges } = watch(world);
      await thief.goto(clientPageWith(address));
      await thief.waitFor(SIGNED_OUT);
      expect(exchanges()).toEqual([]);
      expect(thief.url().href).toBe(`${PARTNER}/`);

      await owner.goto(clientPageWith(address));
      await owner.waitFor(SIGNED_IN);
    },
  },
  {
    name: "a stolen code with a made-up verifier is refused and burned (CWE-294)",
    async run({ openBrowser }) {
      const owner = await (await openBrowser()).newTab();
      const thief = await (await openBrowser()).newTab();
      const address = await unusedCode(owner);
      await thief.goto(`${PARTNER}/`);
      const answer = await thief.evaluate<{ status: number; body: object }>(
        guess(address.searchParams.get("code") ?? ""),
      );
      expect(answer).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
      expect(answer.body).not.toHaveProperty("token");

      await owner.goto(clientPageWith(address));
      await owner.waitFor('body[data-state="signed-out"][data-error="invalid_grant"]');
    },
  },
  {
    name: "the address of a login opened once more changes nothing for who is signed in",
    async run({ openBrowser, world }) {
      const tab = await (await openBrowser()).newTab();
      const address = clientPageWith(await unusedCode(tab));
      await tab.goto(address);
      await tab.waitFor(SIGNED_IN);
      const { exchanges } = watch(world);
      await tab.goto(address);
      // A bearer ends with its page and comes back by a silent login, whose code is another one.
      await tab.waitForUrl((url) => url.href === `${PARTNER}/`);
      expect(exchanges().every(({ status }) => status === 200)).toBe(true);
    },
  },
  {
    name: "no code, verifier or session of a hand-off reaches the Worker's log",
    async run({ openBrowser, world }) {
      const tab = await (await openBrowser()).newTab();
      const { cookiesFrom, from } = watch(world);
      const address = await unusedCode(tab);
      await tab.goto(clientPageWith(address));
      await tab.waitFor(SIGNED_IN);
      await logInAtPartner(await (await openBrowser()).newTab());

      const log = world.workerLogs().join("\n");
      expect(from(PARTNER).length).toBeGreaterThan(0);
      for (const secret of [address.searchParams.get("code") ?? "no code", ...cookiesFrom(PARTNER)]) {
        expect(log).not.toContain(secret);
      }
    },
  },
];
