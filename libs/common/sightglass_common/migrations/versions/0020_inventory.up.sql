-- A scan may take its objects from an inventory of the bucket, piece by piece, in place of listing it.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

ALTER TABLE scan
    ADD COLUMN source text NOT NULL DEFAULT 'list',
    -- The manifest that was asked for, as s3://bucket/key; NULL: the newest one.
    ADD COLUMN inventory_wanted text,
    -- The manifest that is read, and when S3 began to write the inventory; NULL: not known yet.
    ADD COLUMN inventory_manifest text,
    ADD COLUMN inventory_at timestamptz,
    ADD CONSTRAINT scan_source_is_one CHECK (source IN ('list', 'inventory')) NOT VALID;

-- Of a page that is a piece of an inventory: the files that are left, and where in the first one it begins:
-- {"bucket", "kind", "columns", "files": [{"key", "size_bytes", "md5"}], "etag", "group", "at"}
ALTER TABLE scan_part ADD COLUMN piece jsonb;

GRANT UPDATE (inventory_manifest, inventory_at) ON scan TO sightglass_scanner;
