-- When the server looks at a connection by itself: to renew its token ahead of time, to keep a refresh
-- token from lapsing, to ask whether a token that never ends still lives. NULL: never. 0, which is
-- also what an earlier release leaves behind: at once, to find out when.
ALTER TABLE connections ADD COLUMN look_at BIGINT DEFAULT 0;
-- The generation that look_at and token_set_at were written for: an earlier release stores the next
-- one without them.
ALTER TABLE connections ADD COLUMN look_generation BIGINT;
-- A node has it in hand until then, by the database's clock.
ALTER TABLE connections ADD COLUMN claimed_until BIGINT;
-- When the token set of this generation arrived; none where an earlier release stored it.
ALTER TABLE connections ADD COLUMN token_set_at BIGINT;
CREATE INDEX connections_look ON connections (look_at, provider_id) WHERE status = 'active';
-- The few that are in trouble, or in hand, so that counting them reads nothing else.
CREATE INDEX connections_failing ON connections (fail_count) WHERE status = 'active' AND fail_count > 0;
CREATE INDEX connections_intent ON connections (intent_generation) WHERE status = 'active' AND intent_generation IS NOT NULL;

-- Where this database lives (a fingerprint), and when it was last alive there: what differs from it was
-- copied or restored, and then nothing is refreshed until an operator has confirmed.
ALTER TABLE instance ADD COLUMN home TEXT;
ALTER TABLE instance ADD COLUMN alive_at BIGINT;
ALTER TABLE instance ADD COLUMN quarantined_at BIGINT;
ALTER TABLE instance ADD COLUMN quarantine_reason TEXT;
ALTER TABLE instance ADD COLUMN confirmed_at BIGINT;
