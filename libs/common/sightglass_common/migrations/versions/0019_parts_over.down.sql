REVOKE SELECT (tenant_id, scan_id, job_id) ON scan_part FROM sightglass_relay;
REVOKE DELETE ON job FROM sightglass_relay;
DROP POLICY relay_finds_all ON scan_part;
DROP POLICY relay_forgets_parts ON job;
DROP INDEX job_part_over;
