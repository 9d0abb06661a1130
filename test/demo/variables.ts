import type { Addresses } from "./addresses.ts";
import type { KakaoKeys } from "./secrets.ts";

/** Where a login is answered: the simulator with keys of its own, or Kakao itself. */
export type KakaoSide = { kind: "simulated"; keys: KakaoKeys; origin: string } | { kind: "real"; keys: KakaoKeys };

/**
 * The Worker's variables and secrets for this computer. What `.dev.vars` sets stays, except the addresses, which the
 * demo alone knows, and Kakao's keys when the simulator takes Kakao's place.
 */
export function workerVariables(
  addresses: Addresses,
  kakao: KakaoSide,
  authSecret: string,
  devVars: Record<string, string>,
): Record<string, string> {
  const { AUTH_ORIGIN: _origin, FRONTEND_ORIGINS: _frontends, DEFAULT_RETURN_URL: _return, ...kept } = devVars;
  const simulator: Record<string, string> =
    kakao.kind === "simulated" ? { KAKAO_AUTH_ORIGIN: kakao.origin, KAKAO_API_ORIGIN: kakao.origin } : {};
  return {
    AUTH_SECRET: authSecret,
    ...kept,
    ...simulator,
    AUTH_ORIGIN: addresses.worker.origin,
    FRONTEND_ORIGINS: `${addresses.sameSite.origin} ${addresses.otherSite.origin}`,
    KAKAO_CLIENT_ID: kakao.keys.clientId,
    KAKAO_CLIENT_SECRET: kakao.keys.clientSecret,
  };
}
