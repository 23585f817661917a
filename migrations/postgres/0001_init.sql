-- Times are Unix milliseconds, UTC. Flags are 0 or 1. Columns named sealed_* hold ciphertext, columns
-- named *_sha256 the hash of a credential; neither is ever compared with anything but its like.
-- Every row carries its organization's id, and references carry it too: a row can only refer to
-- rows of its own organization.

CREATE TABLE instance (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    instance_id TEXT NOT NULL,
    setup_token_sha256 BYTEA,
    setup_token_expires_at BIGINT,
    created_at BIGINT NOT NULL
);

-- One row per key-encryption key that ever opened this database: a constant, sealed with it.
CREATE TABLE key_checks (
    kek_id TEXT PRIMARY KEY,
    sealed_check BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE organizations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE data_keys (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    kek_id TEXT NOT NULL,
    wrapped BYTEA NOT NULL,
    active BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX data_keys_organization ON data_keys (organization_id);

CREATE TABLE members (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_phc TEXT NOT NULL,
    disabled_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, id)
);

-- Sessions of the portal. `record` is JSON and holds no secret in clear: what must be shown once is
-- sealed inside it. A session without a member belongs to a visitor whose form was refused.
CREATE TABLE sessions (
    id_sha256 BYTEA PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    member_id TEXT REFERENCES members (id) ON DELETE CASCADE,
    record TEXT NOT NULL,
    browser TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_member ON sessions (member_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Failed attempts per subject (a client address, an account), so that limits hold across nodes
-- and restarts.
CREATE TABLE attempts (
    subject_sha256 BYTEA PRIMARY KEY,
    failures BIGINT NOT NULL,
    window_started_at BIGINT NOT NULL,
    blocked_until BIGINT
);

CREATE TABLE applications (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    return_urls TEXT NOT NULL,
    allowed_origins TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, slug),
    UNIQUE (organization_id, id)
);

CREATE TABLE providers (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    definition TEXT NOT NULL,
    slug TEXT NOT NULL,
    client_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    one_owner_per_account BIGINT NOT NULL,
    credentials_rejected_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (application_id, slug),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, application_id) REFERENCES applications (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE client_secrets (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    sealed_secret BYTEA NOT NULL,
    ends_in TEXT NOT NULL,
    added_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (provider_id, position),
    FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    name TEXT NOT NULL,
    hint TEXT NOT NULL,
    key_sha256 BYTEA NOT NULL UNIQUE,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, application_id) REFERENCES applications (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX api_keys_application ON api_keys (application_id);

CREATE TABLE connections (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    -- who
    owner_kind TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    end_user_id TEXT NOT NULL,
    end_user_name TEXT,
    end_user_email TEXT,
    account_id TEXT,
    account_label TEXT,
    label TEXT,
    tags TEXT NOT NULL,
    -- what was granted, and with what
    scopes_asked TEXT NOT NULL,
    scopes_granted TEXT NOT NULL,
    inputs TEXT NOT NULL,
    metadata TEXT NOT NULL,
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    -- the state
    status TEXT NOT NULL,
    status_since BIGINT NOT NULL,
    broken_reason TEXT,
    -- the token set of this generation
    generation BIGINT NOT NULL,
    sealed_tokens BYTEA,
    has_refresh_token BIGINT NOT NULL,
    token_type TEXT NOT NULL,
    access_token_sha256 BYTEA,
    access_token_expires_at BIGINT,
    refresh_due_at BIGINT,
    -- the refresh that is under way, or is due
    lease_owner TEXT,
    lease_epoch BIGINT NOT NULL,
    lease_until BIGINT,
    intent_generation BIGINT,
    intent_at BIGINT,
    next_refresh_at BIGINT,
    fail_count BIGINT NOT NULL,
    last_error_class TEXT,
    -- history
    last_handed_out_at BIGINT,
    connected_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- lower-cased words to find it by
    search_text TEXT NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, application_id) REFERENCES applications (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX connections_list ON connections (application_id, created_at, id);
CREATE INDEX connections_status ON connections (application_id, status, created_at, id);
CREATE INDEX connections_owner ON connections (application_id, owner_kind, owner_id);
CREATE INDEX connections_end_user ON connections (application_id, end_user_id);
CREATE INDEX connections_account ON connections (provider_id, account_id);

CREATE TABLE connect_sessions (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    api_key_id TEXT NOT NULL,
    token_sha256 BYTEA NOT NULL UNIQUE,
    sealed_token BYTEA NOT NULL,
    end_user_id TEXT NOT NULL,
    end_user_name TEXT,
    end_user_email TEXT,
    owner_kind TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    -- JSON: the slugs offered, and scopes asked for per slug
    providers TEXT NOT NULL,
    scopes TEXT NOT NULL,
    return_url TEXT,
    locale TEXT,
    reconnect_connection_id TEXT,
    status TEXT NOT NULL,
    error TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, application_id) REFERENCES applications (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX connect_sessions_expires ON connect_sessions (expires_at);

-- One attempt within a connect session: one state, one browser, one code.
CREATE TABLE flows (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    connect_session_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    state_sha256 BYTEA NOT NULL UNIQUE,
    browser_sha256 BYTEA NOT NULL,
    sealed_verifier BYTEA,
    redirect_uri TEXT NOT NULL,
    client_id TEXT NOT NULL,
    scopes_asked TEXT NOT NULL,
    inputs TEXT NOT NULL,
    reconnect_connection_id TEXT,
    status TEXT NOT NULL,
    problem TEXT,
    provider_words TEXT,
    support_code TEXT NOT NULL UNIQUE,
    connection_id TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    finished_at BIGINT,
    FOREIGN KEY (organization_id, connect_session_id) REFERENCES connect_sessions (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX flows_session ON flows (connect_session_id, created_at);

-- What happened to a connection, in the words of `app::wire::HistoryKind` as JSON.
CREATE TABLE connection_events (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    what TEXT NOT NULL,
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX connection_events_connection ON connection_events (connection_id, id);

-- Tokens handed out, counted per connection, key and minute.
CREATE TABLE hand_outs (
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    api_key_id TEXT NOT NULL,
    minute BIGINT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (connection_id, api_key_id, minute),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE revocations (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    revoked_by TEXT NOT NULL,
    revoked_at BIGINT NOT NULL,
    token_valid_until BIGINT,
    -- the token that the provider is still to be told about, until it was
    sealed_tokens BYTEA,
    generation BIGINT NOT NULL,
    upstream TEXT NOT NULL,
    upstream_at BIGINT,
    attempts BIGINT NOT NULL,
    next_try_at BIGINT,
    audit_seq BIGINT NOT NULL,
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX revocations_due ON revocations (next_try_at);

CREATE TABLE audit_events (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_events_organization ON audit_events (organization_id, seq);
