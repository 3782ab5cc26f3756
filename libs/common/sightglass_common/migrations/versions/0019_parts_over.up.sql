-- Jobs of scans' parts go when no delivery can ask for them any more: a large scan makes tens of thousands.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

-- squawk-ignore require-concurrent-index-creation
CREATE INDEX job_part_over ON job (finished_at) WHERE kind = 'scan_part' AND finished_at IS NOT NULL;

-- No other job, and none that is not over, whatever the relay asks for.
CREATE POLICY relay_forgets_parts ON job FOR DELETE TO sightglass_relay
    USING (kind = 'scan_part' AND finished_at < now() - interval '15 days');
CREATE POLICY relay_finds_all ON scan_part FOR SELECT TO sightglass_relay USING (true);

GRANT DELETE ON job TO sightglass_relay;
GRANT SELECT (tenant_id, scan_id, job_id) ON scan_part TO sightglass_relay;
