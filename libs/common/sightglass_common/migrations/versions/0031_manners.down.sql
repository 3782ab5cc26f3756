DROP TABLE provider_test;
DELETE FROM answer_use WHERE turn_id IS NULL;
ALTER TABLE answer_use ALTER COLUMN turn_id SET NOT NULL;
REVOKE SELECT (tenant_id, bot_id, version, provider_id, model, system_prompt, temperature, language) ON bot_version
    FROM sightglass_chat;
ALTER TABLE bot_version
    DROP COLUMN provider_id,
    DROP COLUMN model,
    DROP COLUMN system_prompt,
    DROP COLUMN temperature,
    DROP COLUMN language,
    DROP COLUMN allowed_origins;
