import { vi } from "vitest";
import { createBrowser, type Options } from "./browser.ts";
import { nextTurn } from "./page.ts";

export const SIGNED_OUT = { user: null, session: null };
export const MINJI = { user: { id: "minji" }, session: { id: "login-of-minji" } };

/** A page with minji signed in, and what its listener heard from then on. */
export const signedIn = async (options?: Options) => {
  const browser = createBrowser(options);
  const tab = browser.openTab();
  const page = await tab.logIn("minji");
  const client = page.client();
  await client.session();
  await nextTurn();
  const heard = vi.fn();
  client.onChange(heard);
  browser.authHost.calls.length = 0;
  return { ...browser, tab, page, client, heard };
};
