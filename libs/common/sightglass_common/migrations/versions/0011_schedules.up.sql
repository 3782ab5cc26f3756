-- Schedules: what is scanned again and again, and when.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

CREATE TABLE schedule (
    tenant_id uuid NOT NULL REFERENCES tenant,
    schedule_id uuid NOT NULL,
    -- Five fields, read in the time zone (a name of the IANA database).
    cron text NOT NULL,
    timezone text NOT NULL,
    -- What POST /v1/scans takes.
    scan jsonb NOT NULL,
    paused boolean NOT NULL DEFAULT false,
    -- The first due time that nothing was done for; the transaction that does it moves it on. NULL while paused.
    next_at timestamptz,
    -- Of the due time done last: when that was, and what it began.
    last_at timestamptz,
    last_scan_id uuid,
    -- How often a scan was begun; was not, as the one before was still under way; could not be, for the error.
    started bigint NOT NULL DEFAULT 0,
    skipped bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    error_code text,
    error_detail text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, schedule_id),
    FOREIGN KEY (tenant_id, last_scan_id) REFERENCES scan (tenant_id, scan_id) ON DELETE SET NULL (last_scan_id),
    CHECK (paused = (next_at IS NULL))
);
CREATE INDEX schedule_due ON schedule (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX schedule_of_scan ON schedule (tenant_id, last_scan_id) WHERE last_scan_id IS NOT NULL;

ALTER TABLE schedule ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON schedule USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
-- Which schedules are due, of any tenant; all else of one it does inside the tenant, as anybody.
CREATE POLICY relay_finds_all ON schedule FOR SELECT TO sightglass_relay USING (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON schedule TO sightglass_api;
GRANT SELECT, UPDATE ON schedule TO sightglass_relay;
GRANT SELECT ON bucket_link TO sightglass_relay;
GRANT SELECT (tenant_id, scan_id, job_id), INSERT ON scan TO sightglass_relay;
GRANT INSERT ON job TO sightglass_relay;
