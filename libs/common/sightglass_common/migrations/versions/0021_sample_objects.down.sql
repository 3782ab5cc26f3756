-- Samples of so many that are not over begin anew, as scans of all objects.
UPDATE scan SET begun = false WHERE sample_objects IS NOT NULL;
DELETE FROM scan_part p USING scan s
WHERE s.tenant_id = p.tenant_id AND s.scan_id = p.scan_id AND s.sample_objects IS NOT NULL;
DROP INDEX scan_look_wide;
ALTER TABLE scan_look DROP COLUMN wide;
DROP TABLE scan_candidate;
ALTER TABLE scan DROP COLUMN sample_objects;
