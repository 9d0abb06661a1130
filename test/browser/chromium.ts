import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { PATIENCE_MILLISECONDS } from "./driven-tab.ts";
import type { Browser, Engine, Tab } from "./engine.ts";
import { findProgram } from "./programs.ts";

const USUAL_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

const find = () => findProgram("Chromium or Chrome", "CHROMIUM_PATH", USUAL_PLACES, "apt-get install chromium");

/** Chromium or Chrome as installed on this machine, with its own rules for cookies and sites left as they are. */
export const chromiumEngine: Engine = {
  name: "Chromium",
  partitionedCookies: true,
  cannot: [],
  missing: () => find().missing,
  async open({ profileFolder, tlsPort, javaScript = true, language = "ko-KR", blockCookies = null }) {
    const { path, missing } = find();
    if (path === null) {
      throw new Error(missing);
    }
    if (blockCookies) {
      await mkdir(join(profileFolder, "Default"), { recursive: true });
      await writeFile(join(profileFolder, "Default/Preferences"), JSON.stringify(blockingPreferences(blockCookies)));
    }
    const context = await chromium.launchPersistentContext(profileFolder, {
      executablePath: path,
      headless: true,
      ignoreHTTPSErrors: true,
      javaScriptEnabled: javaScript,
      locale: language,
      args: [
        `--host-resolver-rules=${hostResolverRules(tlsPort)}`,
        "--ignore-certificate-errors",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
    context.setDefaultTimeout(PATIENCE_MILLISECONDS);
    return browser(context);
  },
};

/**
 * A profile whose owner blocks third-party cookies, and these on those pages by name: the general switch alone leaves
 * partitioned cookies as they are.
 */
const blockingPreferences = ({ of, on }: { of: string; on: string }) => ({
  profile: {
    cookie_controls_mode: 1,
    block_third_party_cookies: true,
    content_settings: { exceptions: { cookies: { [`${of}:443,${on}:443`]: { setting: 2 } } } },
  },
});

/** No test can reach the network: every host, Kakao's included, is the local TLS server, or nowhere. */
function hostResolverRules(tlsPort: number | null): string {
  return tlsPort === null ? "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1" : `MAP * 127.0.0.1:${tlsPort}`;
}

function browser(context: BrowserContext): Browser {
  return {
    async newTab() {
      return tab(await context.newPage());
    },
    async cookies(origin) {
      const stored = await context.cookies(origin);
      const unpartitioned = stored.filter(({ partitionKey }) => !partitionKey);
      return unpartitioned.map(({ name, value, domain, path, expires, httpOnly, secure, sameSite }) => ({
        name,
        value,
        domain,
        path,
        expires,
        httpOnly,
        secure,
        sameSite: sameSite ?? null,
      }));
    },
    close: () => context.close(),
  };
}

function tab(page: Page): Tab {
  return {
    async goto(url) {
      return (await page.goto(url))?.status() ?? 0;
    },
    url: () => new URL(page.url()),
    waitForUrl: (condition) => page.waitForURL(condition),
    async text(selector) {
      const element = page.locator(selector).first();
      await element.waitFor({ state: "visible" });
      // The text as shown, because a page may hold both languages and hide one.
      const [shown = ""] = await element.allInnerTexts();
      return shown.trim();
    },
    async waitFor(selector) {
      await page.locator(selector).first().waitFor({ state: "visible" });
    },
    has: (selector) => page.locator(selector).first().isVisible(),
    click: (selector) => page.locator(selector).filter({ visible: true }).first().click(),
    press: (key) => page.keyboard.press(key),
    async focused() {
      return page.evaluate(
        `(() => { const e = document.activeElement; return { tag: e.tagName.toLowerCase(), text: (e.innerText || e.value || "").trim(), href: e.href || null }; })()`,
      );
    },
    evaluate: (expression) => page.evaluate(expression),
    async back() {
      await page.goBack();
    },
    async reload() {
      return (await page.reload())?.status() ?? 0;
    },
    async screenshot(path) {
      await page.screenshot({ path, fullPage: true });
    },
    close: () => page.close(),
  };
}
