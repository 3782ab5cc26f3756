-- How a bot answers: by which provider and model, in what manner and language; and on whose pages it may be shown.
-- What a test of a provider has shown. Providers of the platform, which are there for every tenant.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

ALTER TABLE bot_version
    -- Asked before the tenant's others; NULL: these alone.
    ADD COLUMN provider_id uuid,
    -- In place of the provider's own.
    ADD COLUMN model text,
    -- Redacted. It comes behind our rules.
    ADD COLUMN system_prompt text NOT NULL DEFAULT '',
    -- In place of the provider's own, whichever is asked.
    ADD COLUMN temperature double precision,
    -- Of answers, as a tag; NULL: that of the question.
    ADD COLUMN language text,
    -- Of pages that may show it.
    ADD COLUMN allowed_origins text[] NOT NULL DEFAULT '{}',
    -- A provider that is deleted stays as a row.
    ADD CONSTRAINT bot_version_provider FOREIGN KEY (tenant_id, provider_id) REFERENCES provider NOT VALID,
    ADD CONSTRAINT bot_version_temperature CHECK (temperature BETWEEN 0 AND 2) NOT VALID,
    ADD CONSTRAINT bot_version_model_is_of_a_provider CHECK (model IS NULL OR provider_id IS NOT NULL) NOT VALID;

-- What a client of OpenAI gives with a question.
ALTER TABLE turn
    -- What was said before, redacted: [[question, answer], ...].
    ADD COLUMN earlier jsonb,
    -- In place of the bot's.
    ADD COLUMN temperature double precision,
    -- Of the answer, where the provider would give more.
    ADD COLUMN most_tokens bigint,
    ADD CONSTRAINT turn_temperature CHECK (temperature BETWEEN 0 AND 2) NOT VALID,
    ADD CONSTRAINT turn_most_tokens CHECK (most_tokens > 0) NOT VALID;

-- The newest of each provider.
CREATE TABLE provider_test (
    tenant_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    test_id uuid NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    -- Both are there, or none.
    finished_at timestamptz,
    result jsonb,
    PRIMARY KEY (tenant_id, provider_id),
    FOREIGN KEY (tenant_id, provider_id) REFERENCES provider
);

-- Whose providers are there for all: a tenant without keys. Of a tenant like any other nothing else is needed.
CREATE FUNCTION platform_tenant() RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN '5c9e7a10-0000-8000-8000-000000000002'::uuid;

-- It is written anew, which is short: it has one row for each answer.
ALTER TABLE answer_use
    -- NULL: a test of the provider.
    -- squawk-ignore ban-drop-not-null
    ALTER COLUMN turn_id DROP NOT NULL,
    -- A wider check takes the place of the one that is dropped.
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT answer_use_outcome_check,
    ADD CONSTRAINT answer_use_outcome_is_one_of_these
        CHECK (outcome IN ('begun', 'done', 'failed', 'cancelled')) NOT VALID,
    ADD COLUMN platform boolean NOT NULL DEFAULT false,
    ADD COLUMN provider_tenant_id uuid NOT NULL
        -- squawk-ignore adding-field-with-default
        GENERATED ALWAYS AS (CASE WHEN platform THEN platform_tenant() ELSE tenant_id END) STORED,
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT answer_use_tenant_id_provider_id_fkey,
    ADD CONSTRAINT answer_use_of_a_provider FOREIGN KEY (provider_tenant_id, provider_id) REFERENCES provider NOT VALID;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX answer_use_of_platform ON answer_use (provider_id, at) WHERE platform;

-- Chat alone asks them, for any tenant. To the API they are the rows of that one tenant.
CREATE POLICY chat_asks_the_platforms ON provider FOR SELECT TO sightglass_chat USING (tenant_id = platform_tenant());
-- How much they were used, for whoever runs the platform.
CREATE POLICY platform_counts_its_own ON answer_use FOR SELECT TO sightglass_api
    USING (platform AND current_tenant() = platform_tenant());

ALTER TABLE provider_test ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON provider_test USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());

GRANT SELECT, INSERT, UPDATE ON provider_test TO sightglass_api;
GRANT SELECT, UPDATE (finished_at, result) ON provider_test TO sightglass_chat;
GRANT SELECT (tenant_id, bot_id, version, provider_id, model, system_prompt, temperature, language) ON bot_version
    TO sightglass_chat;
