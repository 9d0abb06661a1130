import { createAuthClient } from "../../../src/client/index.ts";

/** One client for the whole page. Its module finishes a login that this page load came back from. */
export const auth = createAuthClient({ origin: import.meta.env.VITE_AUTH_ORIGIN });
