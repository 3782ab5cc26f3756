-- Quotas: questions a day are counted here, in the transaction that takes one; tokens a month are what `answer_use` says.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

CREATE TABLE quota (
    tenant_id uuid NOT NULL REFERENCES tenant,
    quota_id uuid NOT NULL,
    -- Whose questions: a bot's or a key's; both NULL: all of the tenant's.
    bot_id uuid,
    key_id text,
    -- Days and months are those of UTC. NULL: no limit.
    questions_a_day bigint CHECK (questions_a_day >= 0),
    tokens_a_month bigint CHECK (tokens_a_month >= 0),
    -- How many were taken on that day; of a later one, none.
    day date NOT NULL DEFAULT '2000-01-01',
    questions bigint NOT NULL DEFAULT 0 CHECK (questions >= 0),
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, quota_id),
    FOREIGN KEY (tenant_id, bot_id) REFERENCES bot,
    FOREIGN KEY (tenant_id, key_id) REFERENCES api_key,
    CHECK (bot_id IS NULL OR key_id IS NULL),
    CHECK (questions_a_day IS NOT NULL OR tokens_a_month IS NOT NULL)
);
CREATE UNIQUE INDEX quota_of ON quota (tenant_id, bot_id, key_id) NULLS NOT DISTINCT;

ALTER TABLE quota ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON quota USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());

GRANT SELECT, INSERT, UPDATE, DELETE ON quota TO sightglass_api;
GRANT SELECT (tenant_id, bot_id, key_id, tokens_a_month) ON quota TO sightglass_chat;
