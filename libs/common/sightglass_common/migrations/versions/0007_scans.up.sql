-- Scans: a job of kind `scan` waits for its parts, jobs of kind `scan_part`, each a page to list or a batch to read.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

DO $roles$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sightglass_scanner') THEN
        CREATE ROLE sightglass_scanner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
END
$roles$;

GRANT USAGE ON SCHEMA public TO sightglass_scanner;

-- A wider check takes the place of the one that is dropped, so no client loses a guarantee.
ALTER TABLE job
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT job_kind_known,
    ADD CONSTRAINT job_kind_is_one CHECK (kind IN ('analysis', 'range', 'scan', 'scan_part')) NOT VALID;

CREATE TABLE scan (
    tenant_id uuid NOT NULL,
    scan_id uuid NOT NULL,
    job_id uuid NOT NULL,
    bucket text NOT NULL,
    prefix text NOT NULL,
    -- Shell patterns of keys; without any to include all keys are.
    include_patterns text[] NOT NULL,
    exclude_patterns text[] NOT NULL,
    -- Ids or families; NULL: those that are on by default.
    detectors text[],
    min_confidence real NOT NULL CHECK (min_confidence BETWEEN 0 AND 1),
    max_object_bytes bigint NOT NULL CHECK (max_object_bytes > 0),
    -- Whether its parts are there, or all done: else the job's message begins it, anew if it was begun before.
    begun boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, scan_id),
    FOREIGN KEY (tenant_id, job_id) REFERENCES job
);
CREATE INDEX scan_of_job ON scan (tenant_id, job_id);

-- What is left to be done of a scan; the transaction that does it removes the row, and adds those that follow.
CREATE TABLE scan_part (
    tenant_id uuid NOT NULL,
    scan_id uuid NOT NULL,
    job_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('page', 'batch')),
    -- Of a page: where the listing goes on; NULL is its beginning.
    token text,
    -- Of a batch: [{"key", "size_bytes", "etag"}]
    objects jsonb,
    PRIMARY KEY (tenant_id, scan_id, job_id),
    FOREIGN KEY (tenant_id, scan_id) REFERENCES scan ON DELETE CASCADE
);

-- Counters change with what they count, in one transaction; shards keep those of two batches from waiting in line.
CREATE TABLE scan_count (
    tenant_id uuid NOT NULL,
    scan_id uuid NOT NULL,
    shard bigint NOT NULL CHECK (shard BETWEEN 0 AND 15),
    name text NOT NULL,
    objects bigint NOT NULL,
    bytes bigint NOT NULL,
    PRIMARY KEY (tenant_id, scan_id, shard, name),
    FOREIGN KEY (tenant_id, scan_id) REFERENCES scan ON DELETE CASCADE
) WITH (fillfactor = 50);

-- Only objects that were not read as a whole; never a row for a clean one.
CREATE TABLE scan_object (
    tenant_id uuid NOT NULL,
    scan_id uuid NOT NULL,
    object_key text NOT NULL,
    version text NOT NULL,
    -- partly: read, but not all that is in it.
    outcome text NOT NULL CHECK (outcome IN ('skipped', 'failed', 'partly')),
    reason text NOT NULL,
    detail text NOT NULL,
    PRIMARY KEY (tenant_id, scan_id, object_key, version, reason),
    FOREIGN KEY (tenant_id, scan_id) REFERENCES scan ON DELETE CASCADE
);

-- The id follows from tenant, object, version, detector and place: found again, it is the same row.
CREATE TABLE finding (
    tenant_id uuid NOT NULL REFERENCES tenant,
    finding_id uuid NOT NULL,
    bucket text NOT NULL,
    object_key text NOT NULL,
    version text NOT NULL,
    detector text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    confidence real NOT NULL,
    locator jsonb NOT NULL,
    masked text NOT NULL,
    -- Keyed, by a key of the tenant's that is not in this database.
    value_hash bytea NOT NULL CHECK (length(value_hash) = 32),
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'reviewed', 'false_positive')),
    note text NOT NULL DEFAULT '',
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, finding_id)
);
CREATE INDEX finding_newest ON finding (tenant_id, found_at DESC, finding_id DESC);

CREATE TABLE scan_finding (
    tenant_id uuid NOT NULL,
    scan_id uuid NOT NULL,
    finding_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, scan_id, finding_id),
    FOREIGN KEY (tenant_id, scan_id) REFERENCES scan ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, finding_id) REFERENCES finding ON DELETE CASCADE
);

DO $security$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['scan', 'scan_part', 'scan_count', 'scan_object', 'finding', 'scan_finding'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END
$security$;

GRANT SELECT, INSERT ON scan TO sightglass_api;
GRANT SELECT ON scan_part, scan_count, scan_object, finding, scan_finding TO sightglass_api;
GRANT UPDATE (state, note) ON finding TO sightglass_api;

GRANT SELECT ON bucket_link TO sightglass_scanner;
GRANT SELECT, INSERT, UPDATE ON job TO sightglass_scanner;
GRANT SELECT, INSERT ON processed TO sightglass_scanner;
GRANT INSERT ON outbox TO sightglass_scanner;
GRANT SELECT, UPDATE (begun) ON scan TO sightglass_scanner;
GRANT SELECT, INSERT, DELETE ON scan_part, scan_object, scan_finding TO sightglass_scanner;
GRANT SELECT, INSERT, UPDATE, DELETE ON scan_count TO sightglass_scanner;
GRANT SELECT, INSERT ON finding TO sightglass_scanner;
