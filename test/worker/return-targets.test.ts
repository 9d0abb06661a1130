import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectError, logLine, NAVIGATION } from "./support/answers.ts";
import { startWorker, type TestWorker } from "./support/worker.ts";

let worker: TestWorker;
beforeAll(async () => {
  worker = await startWorker();
});
afterAll(() => worker.close());

/** Allowed are app.shop.test, www.partner.test, *.previews.partner.test and http://localhost:5173. */
const REFUSED: Record<string, string[]> = {
  unreadable: [
    "",
    "/",
    "/welcome",
    "welcome",
    "//app.shop.test/",
    "///app.shop.test/",
    "app.shop.test",
    "?redirect_to=x",
    "#",
    "https:",
    "https://",
    "https:///",
    "https:app.shop.test",
    "https:/app.shop.test",
    "https:///app.shop.test",
    "https://app.shop.test:99999/",
    "https://app.shop.test:port/",
    "https://[::1/",
    "https://app%20shop.test/",
    "https://app.shop.test%00.evil.test/",
    "https://%app.shop.test/",
    "https://app.shop.test%/",
    "https://<app.shop.test>/",
  ],
  control_characters: [
    " https://app.shop.test/",
    "https://app.shop.test/ ",
    "https://app.shop.test/a b",
    "https://app.shop.test\t/",
    "ht\ntps://app.shop.test/",
    "https://app.shop.test/\r\nSet-Cookie: a=b",
    "https://app.shop.test/\u0000",
    "https://app.shop.test/\u007f",
    "\u0001https://app.shop.test/",
    "https:\\\\app.shop.test\\",
    "https://app.shop.test\\@evil.test/",
    "https://evil.test\\.app.shop.test/",
    "https://evil.test\\@app.shop.test/",
    "/\\evil.test",
    "java\tscript:alert(1)",
  ],
  scheme: [
    "javascript:alert(1)",
    "JavaScript:alert(1)//https://app.shop.test/",
    "javascript://app.shop.test/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:msgbox(1)",
    "blob:https://app.shop.test/7f0f4b6e-0000-4000-8000-000000000000",
    "filesystem:https://app.shop.test/temporary/x",
    "view-source:https://app.shop.test/",
    "about:blank",
    "file:///etc/passwd",
    "ftp://app.shop.test/",
    "ws://app.shop.test/",
    "wss://app.shop.test/",
    "http://app.shop.test/",
    "HTTP://app.shop.test/",
    "http://localhost.evil.test:5173/",
    "http://127.0.0.1.evil.test/",
    "mailto:somebody@app.shop.test",
    "intent://app.shop.test/#Intent;scheme=https;end",
    "kakaotalk://open",
    "app.shop.test:443/",
  ],
  credentials: [
    "https://user@app.shop.test/",
    "https://user:password@app.shop.test/",
    "https://:password@app.shop.test/",
    "https://app.shop.test@evil.test/",
    "https://app.shop.test:443@evil.test/",
    "https://app.shop.test%2F@evil.test/",
    "https://app.shop.test%23@evil.test/",
    "https://evil.test@app.shop.test/",
    "http://app.shop.test@localhost:5173/",
  ],
  auth_host: [
    "https://auth.shop.test/",
    "https://auth.shop.test/logout",
    "https://auth.shop.test/login/kakao?redirect_to=https://evil.test/",
    "https://AUTH.SHOP.TEST/",
    "https://auth.shop.test:443/",
    "https://%61uth.shop.test/",
    "https://auth\u3002shop.test/",
  ],
  unlisted_origin: [
    "https://evil.test/",
    "https://evil.test/https://app.shop.test/",
    "https://evil.test/?https://app.shop.test/",
    "https://evil.test/#https://app.shop.test/",
    "https://evil.test#@app.shop.test/",
    "https://evil.test?@app.shop.test/",
    "https://app.shop.test.evil.test/",
    "https://app.shop.test-evil.test/",
    "https://evilapp.shop.test/",
    "https://evil-app.shop.test/",
    "https://shop.test/",
    "https://other.shop.test/",
    "https://x.app.shop.test/",
    "https://app.shop.test./",
    "https://app.shop.test:8443/",
    "https://app.shop.test:80/",
    "https://appXshop.test/",
    "https://app.shop.testing/",
    "https://app.shop.tes/",
    "https://\u0430pp.shop.test/",
    "https://xn--pp-7kc.shop.test/",
    "https://auth.shop.test./",
    "https://auth.shop.test:8443/",
    "https://previews.partner.test/",
    "https://a.b.previews.partner.test/",
    "https://.previews.partner.test/",
    "https://a.previews.partner.test./",
    "https://a.previews.partner.test.evil.test/",
    "https://a.evilpreviews.partner.test/",
    "https://a.previews.partner.test:8443/",
    "https://localhost:5173/",
    "http://localhost/",
    "http://localhost:5174/",
    "http://127.0.0.1:5173/",
    "http://[::1]:5173/",
    "http://0x7f.1:5173/",
    "http://2130706433:5173/",
    "https://3232235777/",
    "https://kauth.kakao.com/",
  ],
  too_long: [`https://app.shop.test/${"a".repeat(2048)}`, `https://app.shop.test/${"상".repeat(400)}`],
};

const show = (address: string) => JSON.stringify(address.length > 80 ? `${address.slice(0, 80)}…` : address);

describe.each(Object.entries(REFUSED))("a redirect_to that is refused as %s (CWE-601)", (rule, addresses) => {
  it.each(addresses.map((address) => [show(address), address] as const))("%s", async (_shown, address) => {
    const query = new URLSearchParams({ redirect_to: address });
    for (const path of ["/login/kakao", "/", "/logout"]) {
      const answer = await worker.fetch(`${path}?${query}`);
      expect(await expectError(answer, 400, "invalid_redirect_to")).toContain(`(${rule})`);
      expect([answer.headers.get("Location"), answer.headers.getSetCookie()]).toEqual([null, []]);
    }
  });
});

describe("a refused redirect_to", () => {
  it("is a page for a person, without a link to where it pointed", async () => {
    const target = 'https://evil.test/"><script>alert(1)</script>';
    const answer = await worker.fetch(`/login/kakao?redirect_to=${encodeURIComponent(target)}`, {
      headers: NAVIGATION,
    });
    const page = await answer.text();
    expect([answer.status, answer.headers.get("Location")]).toEqual([400, null]);
    expect(page).toContain("(unlisted_origin)");
    expect(page).not.toContain("<script");
    const links = [...page.matchAll(/\b(?:href|action|src)="([^"]*)"/g)].map(([, link]) => link);
    for (const link of links) expect(link).toMatch(/^(?:\?|data:,$|\/(?!\/))/);
  });

  it("is in the log with its rule and origin, never with what else the address holds (CWE-532)", async () => {
    worker.clearLogs();
    await worker.fetch("/login/kakao?redirect_to=https%3A%2F%2Fevil.test%2Fpath%3Ftoken%3Dof-somebody");
    const line = await logLine(worker, { event: "invalid_redirect_to" });
    expect(line).toMatchObject({ rule: "unlisted_origin", target_origin: "https://evil.test" });
    expect(worker.logText()).not.toContain("of-somebody");
  });
});

describe("a redirect_to that is allowed, however it is written", () => {
  it.each([
    ["HTTPS://APP.SHOP.TEST/Path", "https://app.shop.test/Path"],
    ["https://app.shop.test:443/", "https://app.shop.test/"],
    ["https://app.shop.test", "https://app.shop.test/"],
    ["https://app.shop.test/a/../b", "https://app.shop.test/b"],
    ["https://app.shop.test//evil.test/", "https://app.shop.test//evil.test/"],
    ["https://app.shop.test/@evil.test", "https://app.shop.test/@evil.test"],
    ["https://app.shop.test/?next=https://evil.test/", "https://app.shop.test/?next=https://evil.test/"],
    ["https://xn--9d0bm53a.previews.partner.test/", "https://xn--9d0bm53a.previews.partner.test/"],
    ["http://LOCALHOST:5173", "http://localhost:5173/"],
  ])("%s leads to %s and nowhere else", async (address, target) => {
    const answer = await worker.fetch(`/logout?${new URLSearchParams({ redirect_to: address })}`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(`<input type="hidden" name="redirect_to" value="${target}">`);
    expect((await worker.fetch(`/login/kakao?${new URLSearchParams({ redirect_to: address })}`)).status).toBe(302);
  });
});
