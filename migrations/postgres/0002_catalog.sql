-- What an admin filled in once (inputs of the definition), the definition of a custom provider, and
-- how the last trial of its credentials and redirect URI went. All JSON.
ALTER TABLE providers ADD COLUMN inputs TEXT NOT NULL DEFAULT '{}';
ALTER TABLE providers ADD COLUMN custom TEXT;
ALTER TABLE providers ADD COLUMN proof TEXT;

-- A secret belongs to the Client ID it was added for, so that connections of an earlier ID keep
-- refreshing. `state`: on_trial until one refresh has shown that it works, active, rejected.
ALTER TABLE client_secrets ADD COLUMN client_id TEXT NOT NULL DEFAULT '';
ALTER TABLE client_secrets ADD COLUMN state TEXT NOT NULL DEFAULT 'active';
ALTER TABLE client_secrets ADD COLUMN trial_until BIGINT;
ALTER TABLE client_secrets ADD COLUMN state_since BIGINT;
UPDATE client_secrets SET state_since = created_at,
    client_id = (SELECT providers.client_id FROM providers WHERE providers.id = client_secrets.provider_id);

-- The secret that the last exchange or refresh used; none where the customer brought their own.
ALTER TABLE connections ADD COLUMN client_secret_id TEXT;
ALTER TABLE connections ADD COLUMN client_secret_since BIGINT;
CREATE INDEX connections_client_secret ON connections (provider_id, client_secret_id);
-- until now the first one was used for all
UPDATE connections SET client_secret_since = connected_at,
    client_secret_id = (SELECT s.id FROM client_secrets s WHERE s.provider_id = connections.provider_id
        AND s.client_id = connections.client_id ORDER BY s.position LIMIT 1);

-- A customer's own client secret, from the connect page until the exchange.
ALTER TABLE flows ADD COLUMN sealed_client_secret BYTEA;

-- An admin's own run through a provider's flow. `transcript` is JSON and holds no secret; what is
-- secret (verifier, code, tokens) is sealed, and goes when the run ends.
CREATE TABLE playgrounds (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    state_sha256 BYTEA UNIQUE,
    browser_sha256 BYTEA,
    step TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    inputs TEXT NOT NULL,
    sealed_run BYTEA,
    generation BIGINT NOT NULL,
    transcript TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX playgrounds_member ON playgrounds (provider_id, member_id);
CREATE INDEX playgrounds_expires ON playgrounds (expires_at);

-- A broken connection that is asked for again and again gets one link, not one for each call.
CREATE INDEX connect_sessions_reconnect ON connect_sessions (reconnect_connection_id, created_at);
