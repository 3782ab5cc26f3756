-- Images that scans have read by the worker's text engine: a job of kind `image`, which no client sees.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

-- A wider check takes the place of the one that is dropped, so no client loses a guarantee.
ALTER TABLE job
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT job_kind_is_of,
    ADD CONSTRAINT job_kind_is_among
        CHECK (kind IN ('analysis', 'range', 'scan', 'scan_part', 'text_scan', 'image')) NOT VALID;

-- An object in one state, read once. What was read is in clear: only the worker may write it, and the scanner read it.
CREATE TABLE image_reading (
    tenant_id uuid NOT NULL,
    job_id uuid NOT NULL,
    bucket text NOT NULL,
    object_key text NOT NULL,
    -- '' in a bucket without versions.
    version_id text NOT NULL,
    etag text NOT NULL,
    size_bytes bigint NOT NULL,
    -- NULL until it is read: [{"text", "box": [x, y, width, height]}], in display orientation
    lines jsonb,
    -- Lines beyond the most that are kept.
    left_out bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, job_id),
    UNIQUE (tenant_id, bucket, object_key, version_id, etag),
    FOREIGN KEY (tenant_id, job_id) REFERENCES job ON DELETE CASCADE
);

ALTER TABLE image_reading ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON image_reading USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());

GRANT SELECT, INSERT ON image_reading TO sightglass_scanner;
GRANT SELECT, UPDATE (lines, left_out) ON image_reading TO sightglass_worker;
