DELETE FROM outbox o USING job j WHERE j.tenant_id = o.tenant_id AND j.job_id = o.job_id AND j.kind = 'turn';
DROP TABLE turn_event, turn, conversation;
DELETE FROM job WHERE kind = 'turn';
ALTER TABLE job
    DROP CONSTRAINT job_kind_is_one_of_these,
    ADD CONSTRAINT job_kind_is_of_these
        CHECK (kind IN ('analysis', 'range', 'scan', 'scan_part', 'text_scan', 'image', 'indexing')) NOT VALID;
