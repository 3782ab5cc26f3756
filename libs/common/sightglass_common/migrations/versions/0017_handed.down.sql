-- Scans that wait for films are begun anew when they are next looked after.
UPDATE scan SET begun = false WHERE (tenant_id, scan_id) IN (SELECT tenant_id, scan_id FROM scan_part WHERE kind = 'handed');
DELETE FROM job WHERE (tenant_id, job_id) IN (SELECT tenant_id, job_id FROM scan_part WHERE kind = 'handed');
DELETE FROM scan_part WHERE kind = 'handed';
REVOKE SELECT ON scan_part FROM sightglass_worker;
REVOKE INSERT ON video, analysis FROM sightglass_scanner;
REVOKE UPDATE (for_scans) ON analysis FROM sightglass_api;
ALTER TABLE analysis DROP COLUMN for_scans;
ALTER TABLE scan_part
    DROP COLUMN awaits,
    DROP COLUMN handed,
    DROP CONSTRAINT scan_part_kind_is_one,
    ADD CONSTRAINT scan_part_kind_check CHECK (kind IN ('page', 'batch'));
ALTER TABLE scan DROP COLUMN media;
