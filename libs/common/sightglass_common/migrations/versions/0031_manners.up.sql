-- How a bot answers: by which provider and model, in what manner and language; and on whose pages it may be shown.
-- What a test of a provider has shown.

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

-- NULL: a test of the provider.
ALTER TABLE answer_use ALTER COLUMN turn_id DROP NOT NULL;

ALTER TABLE provider_test ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON provider_test USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());

GRANT SELECT, INSERT, UPDATE ON provider_test TO sightglass_api;
GRANT SELECT, UPDATE (finished_at, result) ON provider_test TO sightglass_chat;
GRANT SELECT (tenant_id, bot_id, version, provider_id, model, system_prompt, temperature, language) ON bot_version
    TO sightglass_chat;
