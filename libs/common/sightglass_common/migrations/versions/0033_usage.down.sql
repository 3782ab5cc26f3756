REVOKE UPDATE (first_told_at) ON turn FROM sightglass_chat;
ALTER TABLE turn DROP COLUMN first_told_at;
DROP INDEX answer_use_of_turn, answer_use_at;
ALTER TABLE answer_use
    DROP CONSTRAINT answer_use_bot,
    DROP CONSTRAINT answer_use_key,
    DROP COLUMN output_price,
    DROP COLUMN input_price,
    DROP COLUMN bot_id,
    DROP COLUMN key_id;
DROP TABLE provider_price, answer_record;
