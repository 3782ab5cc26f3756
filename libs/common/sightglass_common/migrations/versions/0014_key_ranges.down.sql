-- A range that does not begin at the beginning is no page without these: such scans begin anew.
UPDATE scan SET begun = false
WHERE (tenant_id, scan_id) IN (SELECT tenant_id, scan_id FROM scan_part WHERE after_key IS NOT NULL OR upto_key IS NOT NULL);
DELETE FROM scan_part p USING scan s
WHERE s.tenant_id = p.tenant_id AND s.scan_id = p.scan_id AND NOT s.begun;
ALTER TABLE scan_part
    DROP COLUMN after_key,
    DROP COLUMN upto_key,
    DROP COLUMN pages,
    DROP COLUMN shares;
