import { AUTH_ORIGIN, createAuthHost } from "./auth-host.ts";
import { createChannelClass } from "./channels.ts";
import { loadPage } from "./page.ts";
import { createStorage } from "./storage.ts";

export const APP_ORIGIN = "https://app.example.org";

export type Options = {
  /** Whether the browser keeps the auth host's cookies for this site. */
  keepsCookies?: boolean;
  blocksStorage?: boolean;
};

/** One browser at one site: its cookies, its storage, its tabs, and the auth host that it talks to. */
export const createBrowser = ({ keepsCookies = true, blocksStorage = false }: Options = {}) => {
  /** May be changed on the way, as a person may in the browser. */
  const settings = { keepsCookies };
  const authHost = createAuthHost();
  const cookies = new Map<string, string>();
  const localStorage = createStorage();
  const Channel = createChannelClass();
  /** Requests that `client.fetch` sent to other hosts than the auth host. */
  const elsewhere: Request[] = [];

  const send = async (request: Request, origin: string): Promise<Response> => {
    if (new URL(request.url).origin === AUTH_ORIGIN) {
      const response = await authHost.answer(request, origin, settings.keepsCookies ? cookies : new Map());
      const target = response.headers.get("Location");
      if (target === null) return response;
      if (request.redirect !== "follow") throw new TypeError("Failed to fetch");
      // As browsers did until 2023: every header goes along.
      return send(new Request(target, { headers: request.headers }), origin);
    }
    elsewhere.push(request);
    return new Response("elsewhere");
  };

  const openTab = () => {
    const sessionStorage = createStorage();
    let page: ReturnType<typeof loadPage> | null = null;
    const tab = {
      sessionStorage,
      open: (address = "/") => {
        page?.unload();
        const { href } = new URL(address, APP_ORIGIN);
        page = loadPage(href, { send, sessionStorage, localStorage, blocksStorage, Channel });
        return page;
      },
      /** From a click on "log in" to the page that `user` comes back to, whose client is not created yet. */
      logIn: async (user: string | null, address = "/", error?: string) => {
        const start = tab.open(address);
        void start.client().login();
        return tab.open(authHost.login(await start.left(), user, error));
      },
    };
    return tab;
  };

  return { settings, authHost, cookies, localStorage, elsewhere, openTab };
};
