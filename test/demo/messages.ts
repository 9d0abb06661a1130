import { styleText } from "node:util";
import type { Addresses } from "./addresses.ts";

const bold = (text: string) => styleText("bold", text);
const faint = (text: string) => styleText("dim", text);
const link = (text: string) => styleText("cyan", text);

/** What the terminal shows once everything runs: where to go and what to try there. */
export function welcome(addresses: Addresses, kakao: "simulated" | "real"): string {
  const { worker, sameSite, otherSite, simulator } = addresses;
  const rows: [string, string, string][] = [
    ["Front end, same site", sameSite.origin, "start here"],
    ["Front end, another site", otherSite.origin, "logs in through the hand-off"],
    ["Auth Worker", worker.origin, "login page, /session, /health"],
  ];
  if (kakao === "simulated") {
    rows.push(["Kakao, simulated", `${simulator.origin}/simulator`, "people, faults"]);
  }
  const table = rows.map(([what, address, note]) => `  ${what.padEnd(25)}${link(address.padEnd(33))}${faint(note)}`);
  return [
    "",
    `  ${bold("Kakao login on this computer")}  ${faint(kakao === "simulated" ? "simulated Kakao, no account needed" : "the real Kakao, with the keys from .dev.vars")}`,
    "",
    ...table,
    "",
    ...(kakao === "simulated" ? trySimulated(addresses) : tryReal(addresses)),
    ...addresses.moved.map((line) => `  ${styleText("yellow", line)}`),
    ...(addresses.moved.length > 0 ? [""] : []),
    faint("  The database is kept in .wrangler/demo; delete that folder to start over. Stop with Ctrl-C."),
    "",
    "",
  ].join("\n");
}

function trySimulated({ sameSite, otherSite, simulator, worker }: Addresses): string[] {
  return [
    `  ${bold("Try")}`,
    `  1. Open ${link(sameSite.origin)}, follow the yellow button, choose a person, agree.`,
    "  2. Reload, or restart the browser: still signed in. Log out: gone in every tab.",
    "  3. Log in again: Kakao remembers you and sends you straight back. As somebody else:",
    `     ${link(`${worker.origin}/login/kakao?prompt=select_account`)}; press 취소 to see a cancelled login.`,
    `  4. Log in at ${link(otherSite.origin)} too: no question asked, and it shows how its session travels.`,
    `  5. Break Kakao at ${link(`${simulator.origin}/simulator`)}, then log in.`,
    "  6. Ask to be sent to a site that nobody listed:",
    `     ${link(`${worker.origin}/login/kakao?redirect_to=https://evil.example`)}`,
    "",
    faint("  Real Kakao instead: put KAKAO_CLIENT_ID and KAKAO_CLIENT_SECRET into .dev.vars and start again."),
  ];
}

function tryReal({ sameSite, otherSite, worker }: Addresses): string[] {
  return [
    `  ${bold("Before the first login")}, in the Kakao developers console of your app:`,
    "  1. Switch Kakao Login on.",
    "  2. Under [App] > [Platform key] > [REST API key], register this redirect URI, exactly:",
    `     ${link(`${worker.origin}/login/kakao/callback`)}`,
    `  Then open ${link(sameSite.origin)} and follow the yellow button.`,
    `  ${link(otherSite.origin)} is on another site: it logs in through the hand-off.`,
    "",
  ];
}
