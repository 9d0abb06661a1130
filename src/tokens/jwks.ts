import type { AppContext } from "../context.ts";
import { refuse } from "../pages/respond.ts";
import { publicKeys } from "./signing-keys.ts";

/** Far shorter than the day that a key is published before it signs. */
const CACHE_SECONDS = 300;

/** `GET /.well-known/jwks.json`: the public keys of our access tokens (RFC 7517), for anybody and any cache. */
export const showKeys = async (c: AppContext): Promise<Response> => {
  try {
    const keys = await publicKeys(c.env.DB, c.get("config").keyring, Date.now());
    c.header("Cache-Control", `public, max-age=${CACHE_SECONDS}`);
    return c.json({ keys });
  } catch (cause) {
    return refuse(c, { kind: "unavailable", cause });
  }
};
