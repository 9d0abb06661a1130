/** What a page of the simulator says when it is an error page. */
export class ShownByKakao extends Error {
  /** KOE code, or "expired". */
  readonly code: string;
  constructor(code: string) {
    super(`Kakao showed its own error page: ${code}`);
    this.name = "ShownByKakao";
    this.code = code;
  }
}

export type PageForm = {
  action: string;
  fields: [name: string, value: string][];
  buttons: { name: string; value: string }[];
};

/** Where a browser ended up: on a page of the origin it started at, or sent away to another address. */
export type Landing = { away: URL } | { status: number; url: URL; text: string; forms: PageForm[] };

const decodeEntities = (text: string): string =>
  text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

const attribute = (tag: string, name: string): string | null => {
  const match = tag.match(new RegExp(`\\s${name}="([^"]*)"`));
  return match?.[1] === undefined ? null : decodeEntities(match[1]);
};

/** The forms of a page of this simulator; not a general HTML parser. Unticked boxes are no fields. */
const readForms = (text: string): PageForm[] =>
  [...text.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([form]) => {
    const inputs = [...form.matchAll(/<input\b[^>]*>/g)].map(([tag]) => tag);
    const sent = inputs.filter((tag) => attribute(tag, "type") !== "checkbox" || / checked\b/.test(tag));
    const buttons = [...form.matchAll(/<button\b[^>]*>/g)].map(([tag]) => tag);
    return {
      action: attribute(form, "action") ?? "",
      fields: sent.map((tag) => [attribute(tag, "name") ?? "", attribute(tag, "value") ?? ""]),
      buttons: buttons.map((tag) => ({ name: attribute(tag, "name") ?? "", value: attribute(tag, "value") ?? "" })),
    };
  });

/**
 * A browser reduced to what a login needs: cookies of one origin, forms, and redirects within it.
 * Kept between two logins it keeps the person logged in at Kakao.
 */
export class SimulatedBrowser {
  readonly #fetch: (request: Request) => Promise<Response>;
  readonly #cookies = new Map<string, string>();

  constructor(fetch: (request: Request) => Promise<Response>) {
    this.#fetch = fetch;
  }

  /** @throws ShownByKakao when the page is one of Kakao's error pages. */
  async open(url: string | URL, init: RequestInit = {}): Promise<Landing> {
    const target = new URL(url);
    const headers = new Headers(init.headers);
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (cookie !== "") headers.set("cookie", cookie);
    const response = await this.#fetch(new Request(target, { ...init, headers, redirect: "manual" }));
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/) ?? [];
      if (name !== undefined && value !== undefined) this.#cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location !== null) {
      await response.body?.cancel();
      const next = new URL(location, target);
      return next.origin === target.origin ? this.open(next) : { away: next };
    }
    const text = await response.text();
    const koe = text.match(/data-koe="([^"]+)"/)?.[1];
    if (koe !== undefined) throw new ShownByKakao(koe);
    return { status: response.status, url: target, text, forms: readForms(text) };
  }

  /** Sends a form as the button `by` would. */
  submit(page: { url: URL }, form: PageForm, fields: readonly (readonly [string, string])[]): Promise<Landing> {
    const body = new URLSearchParams(fields.map(([name, value]) => [name, value]));
    return this.open(new URL(form.action, page.url), { method: "POST", body });
  }
}
