-- Finding: takes the place of connections_wordless, whose condition PostgreSQL takes to be true of nearly every row.
CREATE INDEX connections_without_words ON connections (application_id)
    WHERE CASE WHEN words_at = connected_at THEN 0 ELSE 1 END = 1;
-- With what is counted, so that no row is read for a count. connections_reason_list is for the release before, and
-- stays for that long.
CREATE INDEX connections_working_list ON connections (application_id, status, created_at, id, fail_count) WHERE fail_count = 0;
CREATE INDEX connections_reasons ON connections (application_id, status, broken_reason, created_at, id, fail_count)
    WHERE broken_reason IS NOT NULL;

-- Rules: what an organization asks of its members, and shows them.
-- Owners and admins sign in with a second factor, or set one up first.
ALTER TABLE organizations ADD COLUMN second_factor_required BIGINT NOT NULL DEFAULT 0;
-- Lists hide most of names, e-mail addresses and account labels; the page of one connection shows them, and is audited.
ALTER TABLE organizations ADD COLUMN personal_data_masked BIGINT NOT NULL DEFAULT 0;
