-- Scans go, with their jobs and findings. The role stays: it belongs to the server.
DROP TABLE scan_finding, finding, scan_object, scan_count, scan_part, scan;
REVOKE ALL ON bucket_link, job, processed, outbox FROM sightglass_scanner;
REVOKE USAGE ON SCHEMA public FROM sightglass_scanner;
DELETE FROM outbox WHERE (tenant_id, job_id) IN (SELECT tenant_id, job_id FROM job WHERE kind IN ('scan', 'scan_part'));
DELETE FROM job WHERE kind IN ('scan', 'scan_part');
ALTER TABLE job
    DROP CONSTRAINT job_kind_is_one,
    ADD CONSTRAINT job_kind_known CHECK (kind IN ('analysis', 'range'));
