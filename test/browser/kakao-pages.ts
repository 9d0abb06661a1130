import type { Person } from "../simulator/index.ts";
import type { Tab } from "./engine.ts";

const CONSENT = 'button[name="decision"][value="agree"]';
/** Every front end of the tests says on some element what it shows; the plain one does so by a script. */
const FRONTEND = "[data-state], [data-other-site]";

/** Chooses a person on Kakao's login page, and waits for what follows: the consent page or the front end. */
export async function logInAtKakao(tab: Tab, person: Person): Promise<void> {
  await tab.click(`button[name="person"][value="${person.id}"]`);
  await tab.waitFor(`${CONSENT}, ${FRONTEND}`);
}

/** Agrees on Kakao's consent page. A person who agreed earlier was not asked and is at the front end already. */
export async function agreeAtKakao(tab: Tab): Promise<void> {
  await tab.waitFor(`${CONSENT}, ${FRONTEND}`);
  if (await tab.has(CONSENT)) {
    await tab.click(CONSENT);
    await tab.waitFor(FRONTEND);
  }
}

/** Presses 취소 on Kakao's consent page. */
export async function cancelAtKakao(tab: Tab): Promise<void> {
  await tab.click('button[name="decision"][value="cancel"]');
  await tab.waitFor(FRONTEND);
}
