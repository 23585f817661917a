-- Working together: a team, its support staff, and what is written down about both.



-- Members: invitations, second factors, sessions that were confirmed again.
-- When a member last asked for a page, to the minute.
ALTER TABLE members ADD COLUMN last_seen_at BIGINT;

-- The password was right and the second factor is still to come: such a session opens nothing.
ALTER TABLE sessions ADD COLUMN half_signed_in BIGINT NOT NULL DEFAULT 0;

-- One link, for one e-mail, for one use. `mail`: none, sending, sent or failed.
CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    token_sha256 BYTEA NOT NULL UNIQUE,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    role TEXT NOT NULL,
    invited_by TEXT NOT NULL,
    mail TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    revoked_at BIGINT,
    FOREIGN KEY (organization_id, invited_by) REFERENCES members (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX invitations_organization ON invitations (organization_id, created_at);

-- A member's TOTP seed. Until it is confirmed by a code, it asks for nothing. `last_step` is the last
-- step of 30 seconds whose code was taken: none is taken twice.
CREATE TABLE second_factors (
    member_id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    sealed_seed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    last_step BIGINT,
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
);

-- Recovery codes, as HMACs under a key that is derived from the organization's data key.
CREATE TABLE recovery_codes (
    code_mac BYTEA PRIMARY KEY,
    organization_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT,
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX recovery_codes_member ON recovery_codes (member_id);


-- Ending: receipts that can be undone, many revocations at once, emergency stops.
-- A revocation can be undone until then, and its tokens stay sealed in its row; none: never.
ALTER TABLE revocations ADD COLUMN undo_until BIGINT;
-- What the connection was before, and whether its refresh token may be spent: for whoever undoes it.
ALTER TABLE revocations ADD COLUMN status_before TEXT;
ALTER TABLE revocations ADD COLUMN intent_open BIGINT NOT NULL DEFAULT 0;
-- A refresh was under way: what it brings may still arrive until then, by the database's clock.
ALTER TABLE revocations ADD COLUMN refresh_until BIGINT;
-- What became of each token at the provider. JSON.
ALTER TABLE revocations ADD COLUMN results TEXT NOT NULL DEFAULT '{}';
-- The run of many that it belongs to.
ALTER TABLE revocations ADD COLUMN bulk_id TEXT;
CREATE INDEX revocations_bulk ON revocations (bulk_id) WHERE bulk_id IS NOT NULL;

-- Receipts of revocations that were undone. The connection lives, and may be revoked again.
CREATE TABLE undone_revocations (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    revoked_by TEXT NOT NULL,
    revoked_at BIGINT NOT NULL,
    token_valid_until BIGINT,
    bulk_id TEXT,
    audit_seq BIGINT NOT NULL,
    undone_by TEXT NOT NULL,
    undone_at BIGINT NOT NULL,
    undone_seq BIGINT NOT NULL,
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX undone_revocations_connection ON undone_revocations (connection_id, undone_at);

-- Many revocations at once: why, by whom, and how far it has come. `criteria` is JSON, for people to
-- read; which connections it is about is written down, one row each, before the first is touched.
CREATE TABLE bulk_revocations (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    criteria TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    revoked_by TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    total BIGINT NOT NULL,
    audit_seq BIGINT NOT NULL,
    -- nothing is left to do
    finished_at BIGINT,
    undone_by TEXT,
    undone_at BIGINT,
    undone_seq BIGINT,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, application_id) REFERENCES applications (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX bulk_revocations_open ON bulk_revocations (begun_at) WHERE finished_at IS NULL;
CREATE TABLE bulk_revocation_items (
    organization_id TEXT NOT NULL,
    bulk_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (bulk_id, connection_id),
    FOREIGN KEY (organization_id, bulk_id) REFERENCES bulk_revocations (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX bulk_revocation_items_outcome ON bulk_revocation_items (bulk_id, outcome, connection_id);
-- Which connections an API key was given tokens of.
CREATE INDEX hand_outs_key ON hand_outs (api_key_id, connection_id);

-- No token leaves since then, and why; nothing is destroyed.
ALTER TABLE applications ADD COLUMN stopped_at BIGINT;
ALTER TABLE applications ADD COLUMN stopped_by TEXT;
ALTER TABLE applications ADD COLUMN stop_reason TEXT;
ALTER TABLE providers ADD COLUMN stopped_at BIGINT;
ALTER TABLE providers ADD COLUMN stopped_by TEXT;
ALTER TABLE providers ADD COLUMN stop_reason TEXT;






-- Audit: the hash chain, its head, what the overview counts.

-- On which node it was written, from which address it was asked for, and about which application.
ALTER TABLE audit_events ADD COLUMN node TEXT;
ALTER TABLE audit_events ADD COLUMN address TEXT;
ALTER TABLE audit_events ADD COLUMN application_id TEXT;
CREATE INDEX audit_events_application ON audit_events (application_id, seq);
CREATE INDEX audit_events_actor ON audit_events (actor_id, seq);
-- No release ever changes what was written. Whoever can take a trigger away is seen by the chain.
CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit is only added to'; END $$;
CREATE TRIGGER audit_events_unchanged BEFORE UPDATE OR DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_events_untruncated BEFORE TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();

-- Which event stands at which place of its organization's chain, and the hash of all up to it. Written
-- after the event, by one node at a time, so that changes do not wait for each other.
CREATE TABLE audit_chain (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (organization_id, position),
    UNIQUE (organization_id, seq)
);

-- The end of each chain. All events up to settled_seq are sealed and no other can appear there: they
-- were seen, up to seen_seq, longer ago than any transaction lasts. `checked` is JSON.
CREATE TABLE audit_heads (
    organization_id TEXT PRIMARY KEY REFERENCES organizations (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    mac BYTEA NOT NULL,
    sealed_at BIGINT NOT NULL,
    settled_seq BIGINT NOT NULL,
    seen_seq BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    exported_at BIGINT,
    checked TEXT
);

-- What is told by the minute, until its minute is over and one event tells it.
CREATE TABLE audit_counts (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    action TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    minute BIGINT NOT NULL,
    part TEXT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (subject_id, action, minute, part)
);
CREATE INDEX audit_counts_minute ON audit_counts (minute);

-- What happened on each day (UTC), counted from the history of connections, and how far that was counted.
CREATE TABLE activity (
    organization_id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    day BIGINT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (application_id, day, kind, provider_id, reason),
    FOREIGN KEY (organization_id, application_id) REFERENCES applications (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX activity_day ON activity (day);
CREATE TABLE activity_mark (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    counted_id BIGINT NOT NULL,
    seen_id BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    -- events up to here were there before refreshes were audited
    audited_from BIGINT NOT NULL
);



-- Finding: words to find connections by, raw answers in their history.

-- A word of a connection: the end of one of its values from a boundary on, folded (server/src/domain/words.rs).
CREATE TABLE connection_words (
    organization_id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    word TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    connection_id TEXT NOT NULL,
    PRIMARY KEY (application_id, word, created_at, connection_id),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX connection_words_of ON connection_words (connection_id, word);
-- The `connected_at` that its words were written for. Where it differs, a job writes them: the release before
-- knows nothing of words.
ALTER TABLE connections ADD COLUMN words_at BIGINT;
CREATE INDEX connections_wordless ON connections (application_id) WHERE COALESCE(words_at, -1) <> connected_at;
-- The day of the last hand-out, counted from 1970; 0: none yet, or the release before has noted it. Only a new day
-- changes its index.
ALTER TABLE connections ADD COLUMN used_on BIGINT NOT NULL DEFAULT 0;
CREATE INDEX connections_used ON connections (application_id, used_on, created_at, id);
-- Lists that are narrowed to one thing, in their order.
CREATE INDEX connections_provider_list ON connections (application_id, provider_id, created_at, id);
CREATE INDEX connections_owner_list ON connections (application_id, owner_kind, created_at, id);
CREATE INDEX connections_reason_list ON connections (application_id, broken_reason, created_at, id) WHERE broken_reason IS NOT NULL;
CREATE INDEX connections_degraded_list ON connections (application_id, status, created_at, id) WHERE fail_count > 0;
-- What a provider answered when it gave no tokens, without what was known to be secret: it may still be personal.
ALTER TABLE connection_events ADD COLUMN sealed_answer BYTEA;
-- Who looked at a connection is noted once in a while (R47).
CREATE INDEX audit_events_subject ON audit_events (subject_id, action, actor_id, at);
