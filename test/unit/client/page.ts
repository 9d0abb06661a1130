import { compileFunction } from "node:vm";
import { bundleClient } from "../../../src/client/build.ts";
import type { CreateAuthClient } from "../../../src/client/types.ts";
import { AUTH_ORIGIN } from "./auth-host.ts";
import type { ChannelClass } from "./channels.ts";
import type { createStorage } from "./storage.ts";

/** The very bytes that browsers get, with their one export given back. */
const { files } = await bundleClient();
const SCRIPT = files["client.js"].replace(/export\{(\w+) as createAuthClient\};\s*$/, "return $1;");

/** What a page shares with the browser around it. */
export type Surroundings = {
  send: (request: Request, origin: string) => Promise<Response>;
  sessionStorage: ReturnType<typeof createStorage>;
  localStorage: ReturnType<typeof createStorage>;
  blocksStorage: boolean;
  Channel: ChannelClass;
};

/** One load of a page with the client's script, in a window of its own. */
export const loadPage = (address: string, { send, Channel, ...storage }: Surroundings) => {
  let url = new URL(address);
  const navigations: { kind: "assign" | "replace"; url: string }[] = [];
  const listeners = new Set<(event: { persisted: boolean }) => void>();
  const timers = new Set<() => void>();
  const opened: InstanceType<ChannelClass>[] = [];

  const location = {
    get href() {
      return url.href;
    },
    get origin() {
      return url.origin;
    },
    get search() {
      return url.search;
    },
    // Addresses are made of it as it is.
    toString: () => url.href,
    assign: (target: string) => void navigations.push({ kind: "assign", url: target }),
    replace: (target: string) => void navigations.push({ kind: "replace", url: target }),
  };
  const history = {
    state: { of: "the page" } as unknown,
    replaceState: (state: unknown, _unused: string, target: string | URL) => {
      if (new URL(target, url).origin !== url.origin) throw new DOMException("another origin", "SecurityError");
      history.state = state;
      url = new URL(target, url);
    },
  };
  const area = (name: "sessionStorage" | "localStorage") => () => {
    if (storage.blocksStorage) throw new DOMException("blocked", "SecurityError");
    return storage[name];
  };
  const globals = {
    globalThis: Object.defineProperties(
      { location },
      { sessionStorage: { get: area("sessionStorage") }, localStorage: { get: area("localStorage") } },
    ),
    location,
    history,
    fetch: async (input: string | Request, init?: RequestInit) => send(new Request(input, init), url.origin),
    BroadcastChannel: class extends Channel {
      constructor(name: string) {
        super(name);
        opened.push(this);
      }
    },
    // Relative to the page, as in a browser.
    Request: class extends Request {
      constructor(input: string | URL | Request, init?: RequestInit) {
        super(input instanceof Request ? input : new URL(input, url), init);
      }
    },
    AbortSignal: {
      timeout: () => {
        const controller = new AbortController();
        timers.add(() => controller.abort(new DOMException("too long", "TimeoutError")));
        return controller.signal;
      },
    },
    setTimeout: (task: () => void) => void timers.add(task),
    addEventListener: (type: string, listener: (event: { persisted: boolean }) => void) => {
      if (type === "pageshow") listeners.add(listener);
    },
  };
  const createAuthClient: CreateAuthClient = compileFunction(SCRIPT, Object.keys(globals))(...Object.values(globals));

  return {
    createAuthClient,
    client: (audience: string[] = []) => createAuthClient({ origin: AUTH_ORIGIN, audience }),
    location,
    history,
    /** Where the page left for, in order. */
    navigations,
    /** The address that the page leaves for, as soon as it does. */
    left: async (): Promise<string> => {
      for (let turn = 0; turn < 100 && navigations.length === 0; turn++) await nextTurn();
      const last = navigations.at(-1);
      if (!last) throw new Error("The page did not leave.");
      return last.url;
    },
    waitTenSeconds: (): void => {
      for (const timer of timers) timer();
      timers.clear();
    },
    /** The back button brings this page back as it was left, or the page shows for the first time. */
    show: (persisted: boolean): void => {
      for (const listener of listeners) listener({ persisted });
    },
    unload: (): void => {
      for (const channel of opened) channel.close();
    },
  };
};

/** Lets everything that is ready to run do so; hashing takes more than one turn of the event loop. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));
