-- One-time codes that carry a login over to a front end on another site.

CREATE TABLE handoff_code (
  id TEXT NOT NULL PRIMARY KEY,          -- SHA-256 of the code
  login_id TEXT NOT NULL,                -- the login that the exchanged session will belong to
  user_id TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  origin TEXT NOT NULL,                  -- the only front end that may exchange it
  challenge TEXT NOT NULL,               -- S256 challenge of the verifier that the front end keeps
  state TEXT NOT NULL DEFAULT 'unused',  -- 'unused', 'cookie' (may still fall back to a bearer), 'bearer', 'burned'
  session_id TEXT,                       -- SHA-256 of the session that the last exchange made
  replaced_session_id TEXT,              -- the cookie's session that a fall-back to a bearer took the place of
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX handoff_code_expires_at ON handoff_code (expires_at);
CREATE INDEX handoff_code_user_id ON handoff_code (user_id);
