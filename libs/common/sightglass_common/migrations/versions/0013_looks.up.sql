-- What scans have looked through, so that a later one need not read it again; and which objects a scan takes.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

ALTER TABLE scan
    ADD COLUMN incremental boolean NOT NULL DEFAULT false,
    -- Of all objects, by a hash of the seed and the key; NULL: all.
    ADD COLUMN sample_share double precision,
    ADD COLUMN sample_seed bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT scan_sample_share_is_one CHECK (sample_share > 0 AND sample_share <= 1) NOT VALID;

-- A row for a batch, or for the page that several were put together to; never one for an object.
CREATE TABLE scan_look (
    tenant_id uuid NOT NULL REFERENCES tenant,
    look_id uuid NOT NULL,
    bucket text NOT NULL,
    -- Of all that decides on what is found in an object: what is looked for, and the code that looks.
    way bytea NOT NULL CHECK (length(way) = 16),
    -- Between which keys the objects are, those included, in the order of their bytes.
    first_key text COLLATE "C" NOT NULL,
    last_key text COLLATE "C" NOT NULL,
    -- 16 bytes of each object: a hash of its key, ETag and size.
    objects bytea NOT NULL,
    -- Of those in which something is, or of which something could not be read:
    -- [{"object": its hash, "outcome", "findings": [ids], "notes": [[outcome, reason, detail]]}]
    remarks jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, look_id)
);
CREATE INDEX scan_look_first ON scan_look (tenant_id, bucket, way, first_key);
CREATE INDEX scan_look_last ON scan_look (tenant_id, bucket, way, last_key);

ALTER TABLE scan_look ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON scan_look USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());

GRANT SELECT, INSERT, UPDATE, DELETE ON scan_look TO sightglass_scanner;
