-- Providers: whose models write a tenant's answers, in which order they are asked, and what each answer took.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

CREATE TABLE provider (
    tenant_id uuid NOT NULL REFERENCES tenant,
    provider_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    kind text NOT NULL CHECK (kind IN ('openai', 'anthropic', 'bedrock')),
    base_url text NOT NULL,
    -- Of AWS; empty for others.
    region text NOT NULL,
    model text NOT NULL,
    -- Sealed to chat's key, for this tenant, provider and address: the API cannot read what it has written.
    sealed_key bytea,
    temperature real CHECK (temperature BETWEEN 0 AND 2),
    most_tokens bigint NOT NULL CHECK (most_tokens > 0),
    -- The lowest is asked first, the next one when that comes to nothing.
    rank bigint NOT NULL,
    enabled boolean NOT NULL,
    tokens_a_month bigint CHECK (tokens_a_month >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    -- Then its key is gone as well; the row stays for what was used of it.
    deleted_at timestamptz,
    PRIMARY KEY (tenant_id, provider_id)
);
CREATE UNIQUE INDEX provider_name ON provider (tenant_id, name) WHERE deleted_at IS NULL;

-- Questions that a provider was asked. It stays when the conversation goes.
CREATE TABLE answer_use (
    tenant_id uuid NOT NULL,
    use_id uuid NOT NULL,
    turn_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    model text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    -- Counts until it is known what the answer took; and for good when who asked was killed.
    reserved_tokens bigint NOT NULL CHECK (reserved_tokens >= 0),
    input_tokens bigint,
    output_tokens bigint,
    outcome text NOT NULL DEFAULT 'begun' CHECK (outcome IN ('begun', 'done', 'failed')),
    PRIMARY KEY (tenant_id, use_id),
    FOREIGN KEY (tenant_id, provider_id) REFERENCES provider
);
CREATE INDEX answer_use_of_provider ON answer_use (tenant_id, provider_id, at);

-- What an answer was written by: {"model", "generated", "input_tokens", "output_tokens", "reason"}.
ALTER TABLE turn ADD COLUMN usage jsonb;

-- A wider check takes the place of the one that is dropped, so no client loses a guarantee.
ALTER TABLE turn_event
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT turn_event_kind_check,
    ADD CONSTRAINT turn_event_kind_is_among
        CHECK (kind IN ('retrieval', 'delta', 'reset', 'citation', 'usage', 'done')) NOT VALID;

DO $security$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['provider', 'answer_use'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END
$security$;

GRANT SELECT, INSERT, UPDATE ON provider TO sightglass_api;
GRANT SELECT ON answer_use TO sightglass_api;

GRANT SELECT ON provider TO sightglass_chat;
GRANT SELECT, INSERT, UPDATE (input_tokens, output_tokens, outcome) ON answer_use TO sightglass_chat;
GRANT UPDATE (usage) ON turn TO sightglass_chat;
