-- How a connection of the application is completed: 'confirm', by the end user on our page, or
-- 'bound', by the backend in its own user's session.
ALTER TABLE applications ADD COLUMN completion TEXT NOT NULL DEFAULT 'confirm';
-- How the end user's pages look: a colour such as '#0f5132', and a picture that was drawn anew by us.
ALTER TABLE applications ADD COLUMN accent TEXT;
ALTER TABLE applications ADD COLUMN logo BLOB;
ALTER TABLE applications ADD COLUMN logo_sha256 BLOB;

-- A session keeps to what held when it was made. The challenge is what the backend proves itself with.
ALTER TABLE connect_sessions ADD COLUMN completion TEXT NOT NULL DEFAULT 'confirm';
ALTER TABLE connect_sessions ADD COLUMN code_challenge TEXT;
-- Stands on pages that belong to no attempt, as that of an attempt does on its own.
ALTER TABLE connect_sessions ADD COLUMN support_code TEXT;
CREATE INDEX connect_sessions_support_code ON connect_sessions (support_code) WHERE support_code IS NOT NULL;

-- A code that waits for the backend, with the connect code that finds it.
ALTER TABLE flows ADD COLUMN sealed_code BLOB;
ALTER TABLE flows ADD COLUMN connect_code_sha256 BLOB;
-- What a code brought, while a person chooses what becomes of it: another account than before.
ALTER TABLE flows ADD COLUMN sealed_answer BLOB;
-- The origin of the page that opened the flow in a window of its own, and hears how it ended.
ALTER TABLE flows ADD COLUMN opener TEXT;
CREATE INDEX flows_connect_code ON flows (connect_code_sha256) WHERE connect_code_sha256 IS NOT NULL;
CREATE INDEX flows_held ON flows (expires_at) WHERE status IN ('awaiting_completion', 'choosing');

-- The connections of one provider that are due, the oldest first, without reading the others.
CREATE INDEX connections_due ON connections (provider_id, look_at) WHERE status = 'active';
