-- Scans that wait for images are begun anew when they are next looked after.
UPDATE scan SET begun = false WHERE (tenant_id, scan_id) IN (SELECT tenant_id, scan_id FROM scan_part WHERE kind = 'handed');
DELETE FROM job WHERE (tenant_id, job_id) IN (SELECT tenant_id, job_id FROM scan_part WHERE kind = 'handed');
DELETE FROM scan_part WHERE kind = 'handed';
DROP TABLE image_reading;
DELETE FROM outbox WHERE (tenant_id, job_id) IN (SELECT tenant_id, job_id FROM job WHERE kind = 'image');
DELETE FROM job WHERE kind = 'image';
ALTER TABLE job
    DROP CONSTRAINT job_kind_is_among,
    ADD CONSTRAINT job_kind_is_of CHECK (kind IN ('analysis', 'range', 'scan', 'scan_part', 'text_scan'));
