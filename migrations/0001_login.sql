-- Users, keys and sessions as @lucia-auth/adapter-sqlite 2 expects them, with our columns added; then our own tables.
-- Times are milliseconds since 1970. Sessions, states and codes stand here as SHA-256 (base64url, 43 characters) only.

CREATE TABLE user (
  id TEXT NOT NULL PRIMARY KEY,          -- Lucia's user id; what front ends store
  kakao_id TEXT,                         -- Kakao's user number as digits (exceeds 2^53); the key below is what identifies
  nickname TEXT,                         -- NULL: not shared
  picture TEXT,                          -- https address of the profile image; NULL: not shared
  email TEXT,                            -- an attribute, never an identity; NULL: none, not shared, or invalid
  email_verified INTEGER NOT NULL,       -- 1 only when Kakao calls the address valid and verified
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE user_key (
  id TEXT NOT NULL PRIMARY KEY,          -- 'kakao:' and Kakao's user number: one row a person, however many log in at once
  user_id TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  hashed_password TEXT                   -- always NULL; Lucia asks for the column
) STRICT;
CREATE INDEX user_key_user_id ON user_key (user_id);

CREATE TABLE user_session (
  id TEXT NOT NULL PRIMARY KEY,          -- SHA-256 of the session token
  user_id TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  active_expires INTEGER NOT NULL,       -- until then a check writes nothing
  idle_expires INTEGER NOT NULL,         -- the session ends here unless it is used before; never past absolute_expires
  login_id TEXT NOT NULL,                -- public name of the login that owns this session; no credential
  created_at INTEGER NOT NULL,           -- when that login happened
  absolute_expires INTEGER NOT NULL,     -- the login ends here, used or not
  last_seen_at INTEGER NOT NULL,         -- to the hour
  user_agent TEXT,                       -- of the browser that logged in, cut to 256 characters
  country TEXT                           -- ISO 3166-1 alpha-2, as Cloudflare saw that browser
) STRICT;
CREATE INDEX user_session_user_id ON user_session (user_id);
CREATE INDEX user_session_login_id ON user_session (login_id);
CREATE INDEX user_session_idle_expires ON user_session (idle_expires);

CREATE TABLE kakao_token (
  user_id TEXT NOT NULL PRIMARY KEY REFERENCES user (id) ON DELETE CASCADE,
  sealed TEXT NOT NULL,                  -- access and refresh token, AES-GCM bound to user_key.id, so to one person at Kakao
  access_expires INTEGER NOT NULL,
  refresh_expires INTEGER NOT NULL
) STRICT;

CREATE TABLE login_attempt (
  id TEXT NOT NULL PRIMARY KEY,          -- SHA-256 of the state; a row means: this attempt is spent
  claim TEXT NOT NULL,                   -- which callback spent it; the same one may ask again after a lost connection
  outcome TEXT,                          -- NULL: still under way; 'signed_in' or the error code it ended with
  expires_at INTEGER NOT NULL            -- the row may be swept; the attempt itself is older than ten minutes by then
) STRICT;
CREATE INDEX login_attempt_expires_at ON login_attempt (expires_at);
