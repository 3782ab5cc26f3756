ALTER TABLE conversation
    DROP CONSTRAINT conversation_bot,
    DROP CONSTRAINT conversation_bot_has_version,
    DROP COLUMN bot_id,
    DROP COLUMN bot_version;
DROP TABLE bot_version, bot;
