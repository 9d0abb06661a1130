import type { Tab } from "./engine.ts";

/** How long a page may take before the scenario counts as failed. */
export const PATIENCE_MILLISECONDS = 15_000;

/** What a driver gives for one tab. Where a method fails while a page is being replaced, asking again is right. */
export type DrivenPage = {
  /** Opens an address and waits for the page that it leads to. */
  navigate(url: string): Promise<void>;
  back(): Promise<void>;
  reload(): Promise<void>;
  /** Runs an expression in the page and waits for its value. */
  evaluate<T>(expression: string): Promise<T>;
  /** Clicks as a mouse does: the element at `index` among all that match. */
  click(selector: string, index: number): Promise<void>;
  press(key: string): Promise<void>;
  screenshot(path: string): Promise<void>;
  close(): Promise<void>;
};

/** Index and text of the first element that is shown, or `null`. */
const shownElement = (selector: string) => `(() => {
  const all = [...document.querySelectorAll(${JSON.stringify(selector)})];
  const index = all.findIndex((element) => {
    const { width, height } = element.getBoundingClientRect();
    return width > 0 && height > 0 && getComputedStyle(element).visibility !== "hidden";
  });
  return index < 0 ? null : { index, text: all[index].innerText.trim() };
})()`;

/** The navigation entry has no status in every engine; the tests' server tells it by `Server-Timing` too. */
const STATUS = `(() => {
  const [entry] = performance.getEntriesByType("navigation");
  return Number(entry?.serverTiming.find(({ name }) => name === "status")?.description ?? 0);
})()`;

const FOCUSED = `(() => {
  const element = document.activeElement;
  return { tag: element.tagName.toLowerCase(), text: (element.innerText || element.value || "").trim(), href: element.href || null };
})()`;

/** A tab for drivers that wait for nothing by themselves: every wait asks the page until it is as wanted. */
export function drivenTab(page: DrivenPage): Tab {
  let url = new URL("about:blank");
  const refresh = async () => {
    url = new URL(await page.evaluate<string>("location.href"));
  };
  const shown = (selector: string) => page.evaluate<{ index: number; text: string } | null>(shownElement(selector));
  const waitForShown = (selector: string) => waitUntil(`an element ${selector}`, page, () => shown(selector));
  const arrive = async (navigation: Promise<void>): Promise<number> => {
    await navigation;
    const status = await waitUntil("a page", page, async () => ({ code: await page.evaluate<number>(STATUS) }));
    await refresh();
    return status.code;
  };
  return {
    goto: (address) => arrive(page.navigate(address)),
    reload: () => arrive(page.reload()),
    async back() {
      await arrive(page.back());
    },
    url: () => url,
    async waitForUrl(condition) {
      await waitUntil("another address", page, async () => {
        await refresh();
        return condition(url) ? url : null;
      });
    },
    async waitFor(selector) {
      await waitForShown(selector);
      await refresh();
    },
    text: async (selector) => (await waitForShown(selector)).text,
    has: async (selector) => (await shown(selector)) !== null,
    async click(selector) {
      const { index } = await waitForShown(selector);
      await page.click(selector, index);
    },
    press: (key) => page.press(key),
    focused: () => page.evaluate(FOCUSED),
    evaluate: (expression) => page.evaluate(expression),
    screenshot: (path) => page.screenshot(path),
    close: () => page.close(),
  };
}

/** Asks until the answer is not `null`. A page that is just being replaced fails to answer, which is no answer yet. */
async function waitUntil<T>(what: string, page: DrivenPage, ask: () => Promise<T | null>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  let cause: unknown = null;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== null) {
        return answer;
      }
    } catch (failure) {
      cause = failure;
    }
    if (Date.now() > deadline) {
      const where = await page.evaluate<string>("location.href").catch(() => "a page that does not answer");
      throw new Error(`Waited in vain for ${what} at ${where}.`, { cause });
    }
    await new Promise((resume) => setTimeout(resume, 25));
  }
}
