/** The tests replace the global one with what the Worker reaches; this is the process's own. */
const fetchUnchanged = globalThis.fetch;

/** The key of an element reference (W3C WebDriver section 12.1). */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** One session of a WebDriver server, over plain HTTP. Commands are sent one at a time, as the protocol wants. */
export type WebDriver = {
  /**
   * Sends a command in the window `handle`, or in none for commands that need no window.
   *
   * @param path below `/session/{id}`
   * @throws Error with WebDriver's own error code and message
   */
  command<T>(handle: string | null, method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<T>;
};

export type ElementReference = { [ELEMENT]: string };

export const elementPath = (element: ElementReference): string => `/element/${element[ELEMENT]}`;

/** Starts a session. @see https://www.w3.org/TR/webdriver2/#new-session */
export async function startWebDriver(server: string, capabilities: object): Promise<WebDriver> {
  const { sessionId } = await send<{ sessionId: string }>("POST", `${server}/session`, {
    capabilities: { alwaysMatch: capabilities },
  });
  let current: string | null = null;
  let last: Promise<unknown> = Promise.resolve();
  return {
    command<T>(handle: string | null, method: string, path: string, body?: object): Promise<T> {
      const run = async () => {
        const base = `${server}/session/${sessionId}`;
        if (handle !== null && handle !== current) {
          await send("POST", `${base}/window`, { handle });
          current = handle;
        }
        return send<T>(method, base + path, body);
      };
      const result = last.then(run);
      last = result.catch(() => null);
      return result;
    },
  };
}

/** Waits until the server takes commands. */
export async function waitForServer(server: string, deadline: number): Promise<void> {
  for (;;) {
    try {
      await send("GET", `${server}/status`);
      return;
    } catch (cause) {
      if (Date.now() > deadline) {
        throw new Error(`No WebDriver server answers at ${server}.`, { cause });
      }
      await new Promise((resume) => setTimeout(resume, 20));
    }
  }
}

async function send<T>(method: string, url: string, body?: object): Promise<T> {
  // A POST without a body is no JSON, which the protocol refuses.
  const payload = method === "POST" ? JSON.stringify(body ?? {}) : undefined;
  const response = await fetchUnchanged(url, { method, body: payload, signal: AbortSignal.timeout(60_000) });
  const { value } = (await response.json()) as { value: T & { error?: string; message?: string } };
  if (!response.ok) {
    throw new Error(`WebDriver ${method} ${new URL(url).pathname}: ${value.error}: ${value.message}`);
  }
  return value;
}
