DELETE FROM outbox o USING job j
WHERE j.tenant_id = o.tenant_id AND j.job_id = o.job_id AND j.kind IN ('deleting', 'reindexing');
REVOKE SELECT (tenant_id, dataset_id, deleted_at, rules, deleting_job_id), UPDATE (rules, deleting_job_id)
    ON dataset FROM sightglass_relay;
GRANT DELETE ON document TO sightglass_chat;
REVOKE SELECT ON detection_setting FROM sightglass_chat;
REVOKE SELECT (deleted_at, job_id) ON source FROM sightglass_chat;
REVOKE SELECT, UPDATE (data), DELETE ON turn_event FROM sightglass_scanner;
REVOKE SELECT (tenant_id, turn_id, answer, citations, usage), UPDATE (answer, citations) ON turn FROM sightglass_scanner;
REVOKE SELECT (tenant_id, upload_id, bucket, object_key, dataset_id, source_id), DELETE ON upload
    FROM sightglass_scanner;
REVOKE DELETE ON dataset_video FROM sightglass_scanner;
REVOKE SELECT, UPDATE, DELETE ON corpus, posting, segment_signs FROM sightglass_scanner;
REVOKE DELETE ON document, segment FROM sightglass_scanner;
REVOKE UPDATE (job_id), DELETE ON source FROM sightglass_scanner;
REVOKE UPDATE (rules), DELETE ON dataset FROM sightglass_scanner;
REVOKE SELECT ON own_detector, detection_setting, segment, segment_vector FROM sightglass_scanner;
REVOKE UPDATE (ref, title, metadata, detail, served) ON document FROM sightglass_api;
REVOKE UPDATE (deleted_at) ON source FROM sightglass_api;
DROP POLICY relay_finds_all ON detection_setting;
DROP POLICY relay_finds_all ON dataset;
DROP INDEX upload_of_source, upload_of_dataset;
DROP TABLE turn_document, deleted_document;
DROP INDEX segment_of_document;
ALTER TABLE segment
    DROP COLUMN reading,
    ADD CONSTRAINT segment_tenant_id_document_id_ordinal_key UNIQUE (tenant_id, document_id, ordinal);
DROP INDEX document_served_by;
ALTER TABLE document
    DROP COLUMN served, DROP COLUMN rules, DROP COLUMN served_rules,
    DROP CONSTRAINT document_status_is_one_of_these,
    ADD CONSTRAINT document_status_check
        CHECK (status IN ('queued', 'read', 'ready', 'skipped', 'failed'));
ALTER TABLE source DROP COLUMN deleted_at;
ALTER TABLE dataset DROP COLUMN rules, DROP COLUMN deleting_job_id;
ALTER TABLE detection_setting DROP COLUMN generation;
DELETE FROM job WHERE kind IN ('deleting', 'reindexing');
ALTER TABLE job
    DROP COLUMN attempts_before,
    DROP CONSTRAINT job_kind_is_any_of_these,
    ADD CONSTRAINT job_kind_is_one_of_these
        CHECK (kind IN ('analysis', 'range', 'scan', 'scan_part', 'text_scan', 'image', 'indexing', 'turn')) NOT VALID;
