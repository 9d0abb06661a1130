/** What the Worker is held against with `--peers`: installed for that run alone, never a dependency. */
export const PEER_PACKAGES = {
  "better-auth": "1.7.25",
  "@auth/core": "0.41.3",
  "@auth/d1-adapter": "1.11.3",
} as const;
