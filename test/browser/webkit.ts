import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { Readable } from "node:stream";
import { startConnectProxy } from "./connect-proxy.ts";
import { type DrivenPage, drivenTab, PATIENCE_MILLISECONDS } from "./driven-tab.ts";
import type { Engine, StoredCookie } from "./engine.ts";
import { findProgram } from "./programs.ts";
import { BLANK_PATH } from "./tls-server.ts";
import { type ElementReference, elementPath, startWebDriver, type WebDriver, waitForServer } from "./webdriver.ts";

const INSTALL = "apt-get install webkit2gtk-driver xvfb";

const PROGRAMS = {
  driver: () => findProgram("WebKitWebDriver", "WEBKIT_DRIVER_PATH", ["/usr/bin/WebKitWebDriver"], INSTALL),
  browser: () =>
    findProgram(
      "WebKitGTK MiniBrowser",
      "WEBKIT_BROWSER_PATH",
      ["x86_64-linux-gnu", "aarch64-linux-gnu"].flatMap((machine) =>
        ["4.1", "6.0", "4.0"].map((version) => `/usr/lib/${machine}/webkit2gtk-${version}/MiniBrowser`),
      ),
      INSTALL,
    ),
  screen: () => findProgram("Xvfb", "XVFB_PATH", ["/usr/bin/Xvfb"], INSTALL),
};

/** Code points that WebDriver gives to keys without a character (W3C WebDriver section 17.4.2). */
const KEYS: Record<string, string> = { Tab: "\uE004", Enter: "\uE007", Space: " " };

/**
 * WebKitGTK's MiniBrowser under WebKitWebDriver, on a screen of its own. Under automation it keeps nothing on disk,
 * takes its language from the system and runs the driver's own scripts in the page. Commands run one after another.
 */
export const webkitEngine: Engine = {
  name: "WebKit",
  partitionedCookies: false,
  cannot: [
    "restart",
    "switch off JavaScript",
    "choose the language",
    "block third-party cookies",
    // Its cookie library finds no registrable domain under the reserved .test, so that sibling hosts pass for strangers.
    // Under .com and .co.kr it keeps and clears these cookies as the others do.
    "keep what a same-site fetch does to cookies",
  ],
  missing: () =>
    Object.values(PROGRAMS)
      .map((find) => find().missing)
      .find((missing) => missing !== null) ?? null,
  async open({ tlsPort }) {
    const ends: (() => Promise<unknown>)[] = [];
    const close = async () => {
      for (const end of ends.reverse()) {
        await end();
      }
    };
    try {
      const proxy = await startConnectProxy(tlsPort);
      ends.push(() => proxy.close());
      const screen = startProgram(PROGRAMS.screen().path, ["-displayfd", "3", "-screen", "0", "1280x900x24"], {});
      ends.push(() => endProgram(screen));
      const [display] = await once(screen.stdio[3] as Readable, "data");
      const port = await freePort();
      const server = startProgram(PROGRAMS.driver().path, [`--port=${port}`, "--host=127.0.0.1"], {
        DISPLAY: `:${String(display).trim()}`,
      });
      ends.push(() => endProgram(server));
      await waitForServer(`http://127.0.0.1:${port}`, Date.now() + PATIENCE_MILLISECONDS);
      const driver = await startWebDriver(`http://127.0.0.1:${port}`, {
        acceptInsecureCerts: true,
        "webkitgtk:browserOptions": {
          binary: PROGRAMS.browser().path,
          args: ["--automation", "--ignore-tls-errors", `--proxy=http://127.0.0.1:${proxy.port}`],
        },
      });
      ends.push(() => driver.command(null, "DELETE", ""));
      return {
        newTab: async () => drivenTab(drivenPage(driver, await newWindow(driver))),
        cookies: (origin) => storedCookies(driver, origin),
        close,
      };
    } catch (cause) {
      await close();
      throw cause;
    }
  },
};

function startProgram(path: string | null, words: string[], environment: Record<string, string>): ChildProcess {
  if (path === null) {
    throw new Error(webkitEngine.missing() ?? "");
  }
  return spawn(path, words, {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
    env: { ...process.env, ...environment },
  });
}

async function endProgram(program: ChildProcess): Promise<void> {
  if (program.exitCode === null && program.signalCode === null) {
    program.kill("SIGTERM");
    await once(program, "exit");
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

const newWindow = async (driver: WebDriver): Promise<string> => {
  const [first = null] = await driver.command<string[]>(null, "GET", "/window/handles");
  const opened = await driver.command<{ handle: string }>(first, "POST", "/window/new", { type: "tab" });
  return opened.handle;
};

/** WebDriver tells the cookies of the page that is open alone. */
async function storedCookies(driver: WebDriver, origin: string): Promise<StoredCookie[]> {
  type Cookie = Omit<StoredCookie, "expires"> & { expiry?: number };
  const handle = await newWindow(driver);
  await driver.command(handle, "POST", "/url", { url: `${origin}${BLANK_PATH}` });
  const cookies = await driver.command<Cookie[]>(handle, "GET", "/cookie");
  await driver.command(handle, "DELETE", "/window");
  return cookies.map(({ expiry = -1, ...cookie }) => ({ ...cookie, expires: expiry }));
}

function drivenPage(driver: WebDriver, handle: string): DrivenPage {
  return {
    navigate: (url) => driver.command(handle, "POST", "/url", { url }),
    back: () => driver.command(handle, "POST", "/back"),
    reload: () => driver.command(handle, "POST", "/refresh"),
    async evaluate<T>(expression: string): Promise<T> {
      const script = `const done = arguments[0];
        (async () => (${expression}))().then((value) => done({ value }), (error) => done({ error: String(error) }));`;
      const answer = await driver.command<{ value: T; error?: string }>(handle, "POST", "/execute/async", {
        script,
        args: [],
      });
      if (answer.error !== undefined) {
        throw new Error(answer.error);
      }
      return answer.value;
    },
    async click(selector, index) {
      const body = { using: "css selector", value: selector };
      const elements = await driver.command<ElementReference[]>(handle, "POST", "/elements", body);
      const element = elements[index];
      if (element) {
        await driver.command(handle, "POST", `${elementPath(element)}/click`);
      }
    },
    async press(key) {
      const value = KEYS[key] ?? key;
      const actions = ["keyDown", "keyUp"].map((type) => ({ type, value }));
      await driver.command(handle, "POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
    },
    async screenshot(path) {
      await writeFile(path, Buffer.from(await driver.command<string>(handle, "GET", "/screenshot"), "base64"));
    },
    close: () => driver.command(handle, "DELETE", "/window"),
  };
}
