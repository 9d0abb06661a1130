import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FULL_PROFILE } from "../simulator/index.ts";
import { chromiumEngine } from "./chromium.ts";
import { type DemoProcess, startDemoProcess } from "./demo-process.ts";
import type { Browser } from "./engine.ts";
import { agreeAtKakao, logInAtKakao } from "./kakao-pages.ts";
import { nicknameOf } from "./visits.ts";

describe("npm start", () => {
  let demo: DemoProcess;
  let browser: Browser;
  let profileFolder: string;

  beforeAll(async () => {
    demo = await startDemoProcess();
    profileFolder = await mkdtemp(join(tmpdir(), "kakao-auth-profile-"));
    browser = await chromiumEngine.open({ profileFolder, tlsPort: null });
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.interrupt();
    await rm(profileFolder ?? "", { recursive: true, force: true });
  });

  test("logs a person in at the first front end, which then knows who it is", async () => {
    const frontend = demo.address("Front end, same site");
    const tab = await browser.newTab();
    await tab.goto(frontend);
    await tab.click("#login");
    await logInAtKakao(tab, FULL_PROFILE);
    await agreeAtKakao(tab);
    await tab.waitForUrl((url) => url.origin === frontend);
    await tab.waitFor('body[data-state="signed-in"]');
    expect(await tab.text("#name")).toBe(nicknameOf(FULL_PROFILE));
  });

  test("logs the same person in at the second front end, on another site, without a question", async () => {
    const frontend = demo.address("Front end, another site");
    const tab = await browser.newTab();
    await tab.goto(frontend);
    await tab.waitFor('body[data-state="signed-out"]');
    await tab.click("#login");
    await tab.waitFor('body[data-state="signed-in"]');
    expect((await tab.url()).href).toBe(`${frontend}/`);
    expect(await tab.text("#name")).toBe(nicknameOf(FULL_PROFILE));
  });

  test("stays signed in there over a reload, and says how its session travels and why", async () => {
    const tab = await browser.newTab();
    await tab.goto(demo.address("Front end, another site"));
    await tab.waitFor('body[data-state="signed-in"][data-transport="cookie"]');
    await tab.reload();
    await tab.waitFor('body[data-state="signed-in"][data-transport="cookie"]');
    expect(await tab.text("#transport")).toContain("파티션");
    expect(await tab.evaluate("document.cookie")).toBe("");
  });

  test("answers its health check at the address that it printed", async () => {
    const health = await fetch(`${demo.address("Auth Worker")}/health`);
    expect(await health.json()).toMatchObject({ status: "ok" });
  });

  test("takes the next free port while another one runs, and says so", async () => {
    const second = await startDemoProcess();
    try {
      expect(second.address("Auth Worker")).not.toBe(demo.address("Auth Worker"));
      expect(second.output()).toMatch(/Port \d+ is taken/);
    } finally {
      expect(await second.interrupt()).toBe(0);
    }
  });

  test("stops everything at Ctrl-C", async () => {
    const worker = demo.address("Auth Worker");
    expect(await demo.interrupt()).toBe(0);
    await expect(fetch(`${worker}/health`)).rejects.toThrow();
  });
});
