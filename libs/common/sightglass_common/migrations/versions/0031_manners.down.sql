ALTER TABLE turn DROP COLUMN earlier, DROP COLUMN temperature, DROP COLUMN most_tokens;
DROP TABLE provider_test;
DROP POLICY platform_counts_its_own ON answer_use;
DROP POLICY chat_asks_the_platforms ON provider;
ALTER TABLE answer_use NO FORCE ROW LEVEL SECURITY;
DELETE FROM answer_use WHERE turn_id IS NULL OR platform;
UPDATE answer_use SET outcome = 'failed' WHERE outcome = 'cancelled';
ALTER TABLE answer_use FORCE ROW LEVEL SECURITY;
ALTER TABLE answer_use
    ALTER COLUMN turn_id SET NOT NULL,
    DROP CONSTRAINT answer_use_outcome_is_one_of_these,
    ADD CONSTRAINT answer_use_outcome_check CHECK (outcome IN ('begun', 'done', 'failed')),
    DROP COLUMN provider_tenant_id,
    DROP COLUMN platform,
    ADD CONSTRAINT answer_use_tenant_id_provider_id_fkey FOREIGN KEY (tenant_id, provider_id) REFERENCES provider;
DROP FUNCTION platform_tenant;
REVOKE SELECT (tenant_id, bot_id, version, provider_id, model, system_prompt, temperature, language) ON bot_version
    FROM sightglass_chat;
ALTER TABLE bot_version
    DROP COLUMN provider_id,
    DROP COLUMN model,
    DROP COLUMN system_prompt,
    DROP COLUMN temperature,
    DROP COLUMN language,
    DROP COLUMN allowed_origins;
