import type { Landing, PageForm, SimulatedBrowser } from "./browser.ts";
import type { Person } from "./types.ts";

export type Choice = {
  person: Person;
  cancel: boolean;
  /** Consent items to tick instead of those that the person does not decline. */
  agree: readonly string[] | null;
};

const hidden = (form: PageForm) => form.fields.filter(([name]) => name !== "agree");

/**
 * Does what a person does at Kakao: opens the authorize URL, logs in, agrees or cancels.
 *
 * @returns the address that the browser is sent back to
 * @throws ShownByKakao for Kakao's own error page; Error when Kakao answers with a page that leads nowhere
 */
export const logInAtKakao = async (browser: SimulatedBrowser, url: string | URL, choice: Choice): Promise<URL> => {
  let landing: Landing = await browser.open(url);
  for (let step = 0; step < 4; step += 1) {
    if ("away" in landing) return landing.away;
    const page = landing;
    const consent = page.forms.find((form) => form.action === "/consent");
    const login = page.forms.find((form) => form.buttons.some((button) => button.name === "person")) ?? page.forms[0];
    if (consent !== undefined) {
      const ticks = choice.agree?.map((item): [string, string] => ["agree", item]);
      const ticked = ticks ?? consent.fields.filter(([name]) => name === "agree");
      const decision: [string, string] = ["decision", choice.cancel ? "cancel" : "agree"];
      landing = await browser.submit(page, consent, [...hidden(consent), ...ticked, decision]);
    } else if (login?.action === "/login") {
      // The page for a new account has no list of people: there the account is typed.
      const lists = login.buttons.some((button) => button.name === "person");
      const who: [string, string] = lists ? ["person", choice.person.id] : ["login_id", choice.person.loginId];
      const kept = hidden(login).filter(([name]) => name === "kauth_tx_id");
      landing = await browser.submit(page, login, [...kept, who]);
    } else {
      throw new Error(`Kakao answered ${page.status} with no way on: ${page.text.slice(0, 200)}`);
    }
  }
  throw new Error("Kakao asks again and again: a required consent item is missing");
};
