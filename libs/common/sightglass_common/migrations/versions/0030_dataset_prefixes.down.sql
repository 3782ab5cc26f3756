DELETE FROM outbox o USING job j
WHERE j.tenant_id = o.tenant_id AND j.job_id = o.job_id AND j.kind = 'syncing';
REVOKE SELECT (origin) ON source FROM sightglass_chat;
REVOKE INSERT, UPDATE (etag, version_id, size_bytes, seen, origin, deleted_at) ON source FROM sightglass_scanner;
ALTER TABLE document DROP COLUMN read_by;
DROP INDEX source_of_prefix, source_ever_of_prefix;
ALTER TABLE source DROP COLUMN prefix_id, DROP COLUMN seen, DROP COLUMN origin;
DROP TABLE dataset_prefix_left_out, dataset_prefix;
DELETE FROM job WHERE kind = 'syncing';
UPDATE job SET kind = 'indexing' WHERE kind = 'object';
ALTER TABLE job
    DROP CONSTRAINT job_kind_is_known,
    ADD CONSTRAINT job_kind_is_any_of_these
        CHECK (kind IN ('analysis', 'range', 'scan', 'scan_part', 'text_scan', 'image', 'indexing', 'turn', 'deleting',
                        'reindexing')) NOT VALID;
