/**
 * The part of a window that the client touches, for `declare const` in the files that touch it: the server's types know
 * no DOM, and with the DOM's the server could use a window by mistake.
 */
export type Location = URL & { assign(url: string): void; replace(url: string): void };

export type History = { readonly state: unknown; replaceState(state: unknown, unused: string, url: URL): void };

export type Storage = {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
};

export type Channel = { onmessage: (() => void) | null; postMessage(message: unknown): void };

/** `persisted`: the page came back from the back/forward cache, as it was when it was left. */
export type OnPageShow = (type: "pageshow", listener: (event: { readonly persisted: boolean }) => void) => void;
