import { DEFAULT_APP } from "../simulator/index.ts";

/** The variables and secrets of the Worker under test. */
export const VARIABLES = {
  AUTH_ORIGIN: "https://auth.bench.test",
  AUTH_SECRET: Buffer.alloc(32, "bench").toString("base64url"),
  FRONTEND_ORIGINS: "https://app.bench.test https://www.bench.example",
  KAKAO_CLIENT_ID: DEFAULT_APP.restApiKey,
  KAKAO_CLIENT_SECRET: DEFAULT_APP.clientSecret ?? "",
};
