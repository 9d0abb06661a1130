import puppeteer, {
  type BrowserContext,
  type KeyInput,
  type Page,
  type Browser as PuppeteerBrowser,
} from "puppeteer-core";
import { startConnectProxy } from "./connect-proxy.ts";
import { type DrivenPage, drivenTab, PATIENCE_MILLISECONDS } from "./driven-tab.ts";
import type { Browser, Engine, OpenOptions, StoredCookie } from "./engine.ts";
import { findProgram } from "./programs.ts";

const PLACES = [
  "/usr/bin/firefox-esr",
  "/usr/bin/firefox",
  "/snap/bin/firefox",
  "/Applications/Firefox.app/Contents/MacOS/firefox",
  "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
];

/** `network.cookie.cookieBehavior`: every cookie in a foreign context is refused. The default, 5, partitions them. */
const REJECT_FOREIGN = 1;

const find = () => findProgram("Firefox", "FIREFOX_PATH", PLACES, "apt-get install firefox-esr");

/** A running Firefox behind a proxy of its own. */
type Process = { driven: PuppeteerBrowser; tlsPort: number | null; end(): Promise<void> };

/** Starting takes seconds, so people with usual settings are containers of one process: own cookies, own partitions. */
let shared: Promise<Process> | null = null;

/** Firefox as installed on this machine, driven by WebDriver BiDi, with its own rules for cookies left as they are. */
export const firefoxEngine: Engine = {
  name: "Firefox",
  partitionedCookies: true,
  cannot: [],
  missing: () => find().missing,
  async open(options) {
    if (isUsual(options)) {
      shared ??= start({ ...options, profileFolder: undefined });
      const { driven, tlsPort } = await shared;
      if (tlsPort !== options.tlsPort) {
        throw new Error("Firefox still runs for another server: call end() first.");
      }
      const container = await driven.createBrowserContext();
      return browser(container, () => container.close());
    }
    const { driven, end } = await start(options);
    return browser(driven.defaultBrowserContext(), end);
  },
  async end() {
    const running = shared;
    shared = null;
    await (await running)?.end();
  },
};

const isUsual = ({ keepProfile, javaScript, language, blockCookies }: OpenOptions): boolean =>
  !keepProfile && javaScript !== false && language === undefined && !blockCookies;

type StartOptions = Omit<OpenOptions, "profileFolder"> & { profileFolder: string | undefined };

async function start({
  profileFolder,
  tlsPort,
  javaScript = true,
  language = "ko-KR",
  blockCookies = null,
}: StartOptions): Promise<Process> {
  const { path, missing } = find();
  if (path === null) {
    throw new Error(missing);
  }
  const proxy = await startConnectProxy(tlsPort);
  const driven = await puppeteer.launch({
    browser: "firefox",
    executablePath: path,
    headless: true,
    acceptInsecureCerts: true,
    userDataDir: profileFolder,
    timeout: 60_000,
    extraPrefsFirefox: {
      "intl.accept_languages": language,
      "javascript.enabled": javaScript,
      "network.proxy.type": 1,
      "network.proxy.http": "127.0.0.1",
      "network.proxy.http_port": proxy.port,
      "network.proxy.ssl": "127.0.0.1",
      "network.proxy.ssl_port": proxy.port,
      ...(blockCookies && { "network.cookie.cookieBehavior": REJECT_FOREIGN }),
    },
  });
  return {
    driven,
    tlsPort,
    async end() {
      await driven.close();
      await proxy.close();
    },
  };
}

const browser = (context: BrowserContext, close: () => Promise<void>): Browser => ({
  newTab: async () => drivenTab(drivenPage(await context.newPage())),
  cookies: (origin) => storedCookies(context, origin),
  close,
});

async function storedCookies(context: BrowserContext, origin: string): Promise<StoredCookie[]> {
  const { hostname } = new URL(origin);
  const stored = (await context.cookies()).filter(
    ({ domain }) => domain === hostname || (domain.startsWith(".") && hostname.endsWith(domain)),
  );
  return stored.map(({ name, value, domain, path, expires, httpOnly, secure, sameSite }) => ({
    name,
    value,
    domain,
    path,
    expires,
    httpOnly: httpOnly ?? false,
    secure,
    sameSite: sameSite === "Default" || sameSite === undefined ? null : sameSite,
  }));
}

function drivenPage(page: Page): DrivenPage {
  page.setDefaultTimeout(PATIENCE_MILLISECONDS);
  return {
    async navigate(url) {
      await page.goto(url);
    },
    async back() {
      // The driver would wait for a load event, which a page from the back/forward cache does not have.
      await page.evaluate("void (window.leftBehind = true, history.back())");
      await page.waitForFunction("!window.leftBehind");
    },
    async reload() {
      await page.reload();
    },
    evaluate: <T>(expression: string) => page.evaluate(expression) as Promise<T>,
    async click(selector, index) {
      // By coordinates: the driver's own way to click an element runs scripts that stop where JavaScript is off.
      const [x, y] = (await page.evaluate(centre(selector, index))) as [number, number];
      await page.mouse.click(x, y);
    },
    press: (key) => page.keyboard.press(key as KeyInput),
    async screenshot(path) {
      await page.screenshot({ path: path as `${string}.png`, fullPage: true });
    },
    close: () => page.close(),
  };
}

const centre = (selector: string, index: number) => `(() => {
  const element = document.querySelectorAll(${JSON.stringify(selector)})[${index}];
  element.scrollIntoView({ block: "center", behavior: "instant" });
  const { x, y, width, height } = element.getBoundingClientRect();
  return [x + width / 2, y + height / 2];
})()`;
