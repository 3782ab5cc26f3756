DELETE FROM outbox o USING job j WHERE j.tenant_id = o.tenant_id AND j.job_id = o.job_id AND j.kind = 'indexing';
ALTER TABLE upload DROP COLUMN dataset_id, DROP COLUMN source_id;
DROP TABLE posting, segment_vector, segment, corpus, content, document, source, dataset;
DROP FUNCTION word_key(text);
DROP EXTENSION vector;
DELETE FROM job WHERE kind = 'indexing';
ALTER TABLE job
    DROP CONSTRAINT job_kind_is_of_these,
    ADD CONSTRAINT job_kind_is_among
        CHECK (kind IN ('analysis', 'range', 'scan', 'scan_part', 'text_scan', 'image')) NOT VALID;
REVOKE ALL ON job, processed, outbox FROM sightglass_chat;
REVOKE USAGE ON SCHEMA public FROM sightglass_chat;
