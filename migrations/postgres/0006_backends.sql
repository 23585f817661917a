-- Backends: what their keys may do, what they are told, and what they ask a provider through us.


-- Keys: what each may do, and requests that are made once.
-- Words of scopes, separated by spaces. NULL: made before keys had scopes, may do everything.
ALTER TABLE api_keys ADD COLUMN scopes TEXT;
-- Ids of the providers that it sees, separated by spaces. NULL: all.
ALTER TABLE api_keys ADD COLUMN providers TEXT;
-- Blocks of addresses that it may come from, separated by spaces. NULL: any.
ALTER TABLE api_keys ADD COLUMN ip_ranges TEXT;
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;
-- Requests in a second. NULL: as many as the installation allows each key.
ALTER TABLE api_keys ADD COLUMN rate_per_s BIGINT;
ALTER TABLE api_keys ADD COLUMN deprecated_at BIGINT;
-- The key that this one was made to follow.
ALTER TABLE api_keys ADD COLUMN replaces TEXT;

-- Requests with an Idempotency-Key, and what was answered, for a day.
CREATE TABLE idempotent_requests (
    organization_id TEXT NOT NULL,
    api_key_id TEXT NOT NULL,
    -- SHA-256 of the header's value
    key_sha256 BYTEA NOT NULL,
    -- SHA-256 of method, path and body
    request_sha256 BYTEA NOT NULL,
    -- who answers it, and until when nobody else tries
    claim TEXT NOT NULL,
    claimed_until BIGINT NOT NULL,
    -- the answer, once there is one
    status BIGINT,
    sealed_answer BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (api_key_id, key_sha256),
    FOREIGN KEY (organization_id, api_key_id) REFERENCES api_keys (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX idempotent_requests_created ON idempotent_requests (created_at);


-- Webhooks: the event log, endpoints, and what was delivered to them.
-- Written in the transaction of the change it tells of (R82). `position` is its place in the application's log: given
-- afterwards, in the order in which events became visible, so that no reader's cursor passes one that is still to come.
-- `lane`: what its order matters to, a connection or a provider. `endpoint_id`: a test, for this endpoint alone.
CREATE TABLE events (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    organization_id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    lane TEXT NOT NULL,
    at BIGINT NOT NULL,
    body TEXT NOT NULL,
    endpoint_id TEXT,
    position BIGINT,
    FOREIGN KEY (organization_id, application_id) REFERENCES applications (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX events_log ON events (application_id, position);
CREATE INDEX events_without_position ON events (application_id, seq) WHERE position IS NULL;
CREATE INDEX events_at ON events (at);

-- How far an application's log goes, and up to where it was forgotten.
CREATE TABLE event_heads (
    application_id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    head BIGINT NOT NULL DEFAULT 0,
    forgotten BIGINT NOT NULL DEFAULT 0,
    FOREIGN KEY (organization_id, application_id) REFERENCES applications (organization_id, id) ON DELETE CASCADE
);

-- Where an application is told of events. `events`: names and patterns, separated by spaces. While a secret rotates, the
-- old one signs too, until `old_secret_until`. `failing_since`: nothing was taken since then.
CREATE TABLE webhook_endpoints (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    application_id TEXT NOT NULL,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    events TEXT NOT NULL,
    wants_tokens BIGINT NOT NULL,
    sealed_secret BYTEA NOT NULL,
    secret_number BIGINT NOT NULL,
    sealed_old_secret BYTEA,
    old_secret_until BIGINT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT,
    disabled_reason TEXT,
    failing_since BIGINT,
    paused_until BIGINT,
    delivered_at BIGINT,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, application_id) REFERENCES applications (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_endpoints_application ON webhook_endpoints (application_id, created_at);

-- An event on its way to an endpoint. `state`: waiting, delivered or failed. `place` orders those of one lane. `attempts`
-- counts all; the schedule begins again at `first_attempt` when it is sent again.
CREATE TABLE webhook_deliveries (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    event_id TEXT NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    lane TEXT NOT NULL,
    place BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    first_attempt BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    FOREIGN KEY (organization_id, endpoint_id) REFERENCES webhook_endpoints (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint_id, created_at, id);
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (event_id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, due_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_lane ON webhook_deliveries (endpoint_id, lane, place) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (created_at) WHERE state = 'waiting';

-- Each attempt, with the beginning of what the endpoint answered.
CREATE TABLE webhook_attempts (
    delivery_id TEXT NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
    organization_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    took_ms BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    status BIGINT,
    sealed_answer BYTEA,
    PRIMARY KEY (delivery_id, number)
);


-- Owning: whether a team stands in for a person, and who has a team's connection in care.
ALTER TABLE providers ADD COLUMN team_fallback BIGINT NOT NULL DEFAULT 1;
-- Who reconnects it, where that is no longer whoever approved it (end_user_id). A reconnection empties them.
ALTER TABLE connections ADD COLUMN in_care_of_id TEXT;
ALTER TABLE connections ADD COLUMN in_care_of_name TEXT;
ALTER TABLE connections ADD COLUMN in_care_of_email TEXT;

-- Calls through the proxy, counted as hand_outs are.
CREATE TABLE proxied_calls (
    organization_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    api_key_id TEXT NOT NULL,
    minute BIGINT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (connection_id, api_key_id, minute),
    FOREIGN KEY (organization_id, connection_id) REFERENCES connections (organization_id, id) ON DELETE CASCADE
);


-- Moving: connections that were brought in.
-- What a connection is called where it comes from, and the SHA-256 of what it was brought in with (its
-- refresh token, or else its access token): by either the same one is known when it comes again.
ALTER TABLE connections ADD COLUMN external_id TEXT;
ALTER TABLE connections ADD COLUMN imported_sha256 BYTEA;
CREATE INDEX connections_external ON connections (provider_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX connections_imported ON connections (provider_id, imported_sha256) WHERE imported_sha256 IS NOT NULL;
