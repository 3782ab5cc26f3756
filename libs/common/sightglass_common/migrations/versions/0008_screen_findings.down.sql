-- Findings on screens stay findings of their objects; where they are seen is forgotten.
DROP TABLE analysis_finding;
ALTER TABLE analysis DROP COLUMN texts_scanned_at;
REVOKE ALL ON video, analysis, screen_text FROM sightglass_scanner;
DELETE FROM outbox WHERE (tenant_id, job_id) IN (SELECT tenant_id, job_id FROM job WHERE kind = 'text_scan');
DELETE FROM job WHERE kind = 'text_scan';
ALTER TABLE job
    DROP CONSTRAINT job_kind_is_of,
    ADD CONSTRAINT job_kind_is_one CHECK (kind IN ('analysis', 'range', 'scan', 'scan_part'));
