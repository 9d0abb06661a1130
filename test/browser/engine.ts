/** A browser engine that the scenarios can run in. Scenarios know these types alone, never a driver's own. */
export type Engine = {
  name: string;
  /** Whether it keeps a `Partitioned` cookie of one site for the pages of another one. */
  partitionedCookies: boolean;
  /** What its driver cannot do on this kind of machine; scenarios that need it are left to the other engines. */
  cannot: readonly Ability[];
  /** What has to be installed before it can be opened, in words with the command, or `null`. */
  missing(): string | null;
  /** Starts the engine. The same `profileFolder` given again is the same person's browser after a restart. */
  open(options: OpenOptions): Promise<Browser>;
  /** Ends what its browsers share; to be called after the last of them. */
  end?(): Promise<void>;
};

/** Things that a driver may be unable to do, whatever the engine itself can. */
export type Ability =
  | "restart"
  | "switch off JavaScript"
  | "choose the language"
  | "block third-party cookies"
  | "keep what a same-site fetch does to cookies";

export type OpenOptions = {
  profileFolder: string;
  /** Whether the profile will be opened again; without that an engine need not write it. */
  keepProfile?: boolean;
  /** The local TLS server that plays every host; `null` leaves the browser with this computer alone. */
  tlsPort: number | null;
  javaScript?: boolean;
  /** A BCP 47 tag; sets `Accept-Language` and `navigator.language`. */
  language?: string;
  /**
   * Keeps no cookie of the one origin on pages of the other, not even in a partition, as the strictest settings do.
   * An engine may block more than that, but no cookie of a page's own site.
   */
  blockCookies?: { of: string; on: string } | null;
};

export type Browser = {
  newTab(): Promise<Tab>;
  /** The cookies that the browser has stored for this origin. Firefox alone tells the partitioned ones among them. */
  cookies(origin: string): Promise<StoredCookie[]>;
  close(): Promise<void>;
};

export type StoredCookie = {
  name: string;
  value: string;
  /** A host name alone for a host-only cookie; with a leading dot when a Domain attribute was given. */
  domain: string;
  path: string;
  /** Seconds since 1970, or -1 for a cookie that ends with the browser. */
  expires: number;
  httpOnly: boolean;
  secure: boolean;
  sameSite: "Strict" | "Lax" | "None" | null;
};

export type Tab = {
  /** Opens an address and follows its redirects. @returns the HTTP status of the page that came up */
  goto(url: string): Promise<number>;
  /** The address as it was when the tab last did something or waited for something. */
  url(): URL;
  /** Waits until the address meets the condition. */
  waitForUrl(condition: (url: URL) => boolean): Promise<void>;
  /** Waits until the page shows an element that matches, then gives its visible text. */
  text(selector: string): Promise<string>;
  /** Waits until the page shows an element that matches. */
  waitFor(selector: string): Promise<void>;
  /** Whether the page shows such an element now. */
  has(selector: string): Promise<boolean>;
  /** Clicks the first visible match. What the click leads to is for `waitFor` and `waitForUrl`. */
  click(selector: string): Promise<void>;
  press(key: string): Promise<void>;
  /** A description of the element that has the keyboard focus: its tag, text and `href`. */
  focused(): Promise<{ tag: string; text: string; href: string | null }>;
  /** Runs a JavaScript expression as the page itself would, and waits for it; the value must be JSON. */
  evaluate<T>(expression: string): Promise<T>;
  back(): Promise<void>;
  /** @returns the HTTP status of the reloaded page */
  reload(): Promise<number>;
  screenshot(path: string): Promise<void>;
  close(): Promise<void>;
};
