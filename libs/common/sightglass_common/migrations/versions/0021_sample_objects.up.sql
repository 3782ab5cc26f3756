-- A scan may look at so many objects, chosen by chance among all that its filters let through.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

ALTER TABLE scan
    ADD COLUMN sample_objects bigint,
    ADD CONSTRAINT scan_sample_is_one
        CHECK (sample_objects > 0 AND sample_share IS NULL OR sample_objects IS NULL) NOT VALID;

-- While such a scan is listed: the objects with the lowest places among those listed by then, so many or few more.
-- When it is listed they become its batches, and go.
CREATE TABLE scan_candidate (
    tenant_id uuid NOT NULL,
    scan_id uuid NOT NULL,
    -- The first 8 bytes of a hash of seed and key.
    place bytea NOT NULL CHECK (length(place) = 8),
    object_key text COLLATE "C" NOT NULL,
    size_bytes bigint NOT NULL,
    etag text NOT NULL,
    storage_class text NOT NULL,
    -- What an earlier scan has seen in it, as in the remarks of 0013_looks; NULL: it is to be read.
    look jsonb,
    PRIMARY KEY (tenant_id, scan_id, place, object_key),
    FOREIGN KEY (tenant_id, scan_id) REFERENCES scan ON DELETE CASCADE
);
ALTER TABLE scan_candidate ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON scan_candidate
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON scan_candidate TO sightglass_scanner;

-- The objects of a batch of such a scan lie far apart: a page may be all between its first key and its last.
ALTER TABLE scan_look ADD COLUMN wide boolean NOT NULL DEFAULT false;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX scan_look_wide ON scan_look (tenant_id, bucket, way, created_at) WHERE wide;
