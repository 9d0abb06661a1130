import type { KakaoApp } from "./types.ts";

/** A ready app: client secret on, OpenID Connect on, the usual consent items. */
export const DEFAULT_APP: KakaoApp = {
  appId: 1048213,
  name: "시뮬레이터 상점",
  restApiKey: "5d1b7c0e94f24a6fb3a81c2d7e905f46",
  clientSecret: "Q2hbnTz5s8rWm0yKf3xUcV7eJpLd9aGi",
  adminKey: "8f0c3e5a7b9d41628e4f6a1c2b3d5e70",
  nativeAppKeys: ["3c7e1f5a9b8d4260a1e2c4d6f8b09753"],
  redirectUris: [
    "https://auth.example.com/login/kakao/callback",
    "https://auth.shop.test/login/kakao/callback",
    "http://localhost:8787/login/kakao/callback",
  ],
  openIdConnect: true,
  consentItems: [
    { id: "profile_nickname", required: true },
    { id: "profile_image", required: false },
    { id: "account_email", required: false },
    { id: "name", required: false },
    { id: "gender", required: false },
    { id: "age_range", required: false },
    { id: "birthday", required: false },
    { id: "birthyear", required: false },
    { id: "phone_number", required: false },
    { id: "friends", required: false, onUse: true },
    { id: "talk_message", required: false, onUse: true },
  ],
};

/** A key of an app, as `client_id` names it. Native keys belong to Kakao's SDKs and have no client secret. */
export type Client = { app: KakaoApp; key: string; kind: "rest" | "native" };

/** The app that a `client_id` belongs to, or null (KOE101). */
export const findClient = (apps: readonly KakaoApp[], key: string): Client | null => {
  for (const app of apps) {
    if (app.restApiKey === key) return { app, key, kind: "rest" };
    if (app.nativeAppKeys.includes(key)) return { app, key, kind: "native" };
  }
  return null;
};

/** The redirect URIs registered for a key; the SDKs' own scheme is the only one of a native key. */
export const redirectUrisOf = (client: Client): readonly string[] =>
  client.kind === "rest" ? client.app.redirectUris : [`kakao${client.key}://oauth`];
