import { afterEach, describe, expect, it } from "vitest";
import { DEFAULT_APP, SimulatedBrowser } from "./index.ts";
import { type ServedKakao, serveKakao } from "./serve.ts";
import { REDIRECT_URI } from "./support/client.ts";

describe("a served Kakao", () => {
  let served: ServedKakao | null = null;
  afterEach(async () => {
    await served?.close();
    served = null;
  });

  it("is both hosts on one origin, through a whole login", async () => {
    served = await serveKakao({ port: 0 });
    const { origin, kakao } = served;
    const discovery = await fetch(`${origin}/.well-known/openid-configuration`);
    expect(await discovery.json()).toMatchObject({ issuer: origin, userinfo_endpoint: `${origin}/v1/oidc/userinfo` });
    const query = { response_type: "code", client_id: DEFAULT_APP.restApiKey, redirect_uri: REDIRECT_URI };
    const browser = new SimulatedBrowser((request) => fetch(request));
    const back = await kakao.authorize(`${origin}/oauth/authorize?${new URLSearchParams(query)}`, { browser });
    const body = new URLSearchParams({
      grant_type: "authorization_code",
      client_id: DEFAULT_APP.restApiKey,
      client_secret: DEFAULT_APP.clientSecret ?? "",
      redirect_uri: REDIRECT_URI,
      code: back.searchParams.get("code") ?? "",
    });
    const token = await fetch(`${origin}/oauth/token`, { method: "POST", body });
    const { access_token } = (await token.json()) as { access_token: string };
    const user = await fetch(`${origin}/v2/user/me`, { headers: { authorization: `Bearer ${access_token}` } });
    expect(await user.json()).toMatchObject({ id: 2604117385 });
  });

  it("says that a port is taken", async () => {
    served = await serveKakao({ port: 0 });
    const port = Number(new URL(served.origin).port);
    await expect(serveKakao({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it("closes at once, whatever hangs", async () => {
    const { origin, kakao, close } = await serveKakao({ port: 0 });
    kakao.faults.set("user", { kind: "hang" });
    const hanging = fetch(`${origin}/v2/user/me`);
    await expect.poll(() => kakao.calls.length).toBe(1);
    await Promise.all([close(), expect(hanging).rejects.toThrow()]);
  });
});
