DELETE FROM turn_event WHERE kind = 'reset';
ALTER TABLE turn_event
    DROP CONSTRAINT turn_event_kind_is_among,
    ADD CONSTRAINT turn_event_kind_check
        CHECK (kind IN ('retrieval', 'delta', 'citation', 'usage', 'done')) NOT VALID;
ALTER TABLE turn DROP COLUMN usage;
DROP TABLE answer_use, provider;
