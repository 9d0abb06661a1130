-- Keys for the access tokens that resource servers verify by themselves.

CREATE TABLE signing_key (
  id TEXT NOT NULL PRIMARY KEY,          -- the `kid` of tokens and of the public key set
  sealed TEXT NOT NULL,                  -- private JWK, AES-GCM bound to id
  public_key TEXT NOT NULL,              -- public JWK, as published
  signs_from INTEGER NOT NULL,           -- published before, so that verifiers know the key when it starts
  signs_until INTEGER NOT NULL,
  expires_at INTEGER NOT NULL            -- published until then: the last token it signed has ended by now
) STRICT;
CREATE INDEX signing_key_expires_at ON signing_key (expires_at);
