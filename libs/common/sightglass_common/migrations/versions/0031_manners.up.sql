-- How a bot answers: by which provider and model, in what manner and language; and on whose pages it may be shown.

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

GRANT SELECT (tenant_id, bot_id, version, provider_id, model, system_prompt, temperature, language) ON bot_version
    TO sightglass_chat;
