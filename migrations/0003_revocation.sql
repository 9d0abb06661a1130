-- What a session check without D1 has to know: which sessions ended early or changed, and which users. The triggers see
-- every way a row can go, a deleted user's cascade and an operator's own DELETE included.

CREATE TABLE revocation (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused, in the order of commits: "what is new since" is one range
  subject TEXT NOT NULL,                 -- user_session.id (a hash) or user.id; proofs made before this are refused
  created_at INTEGER NOT NULL            -- by the database's clock, to the second
) STRICT;
CREATE INDEX revocation_created_at ON revocation (created_at);

-- A session that had ended by itself needs no notice: no proof outlives it.
CREATE TRIGGER session_ended AFTER DELETE ON user_session
WHEN OLD.idle_expires >= unixepoch() * 1000
BEGIN
  INSERT INTO revocation (subject, created_at) VALUES (OLD.id, unixepoch() * 1000);
END;

-- A renewal, or an operator who shortens a session.
CREATE TRIGGER session_changed AFTER UPDATE ON user_session
WHEN OLD.active_expires <> NEW.active_expires OR OLD.idle_expires <> NEW.idle_expires
  OR OLD.absolute_expires <> NEW.absolute_expires
BEGIN
  INSERT INTO revocation (subject, created_at) VALUES (OLD.id, unixepoch() * 1000);
END;

CREATE TRIGGER user_changed AFTER UPDATE ON user
BEGIN
  INSERT INTO revocation (subject, created_at) VALUES (OLD.id, unixepoch() * 1000);
END;
