-- Prefixes of linked buckets: each object below one is a source of its own, as an upload is, and a dataset is kept in step
-- with them by syncs.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

-- A wider check takes the place of the one that is dropped, so no client loses a guarantee.
ALTER TABLE job
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT job_kind_is_any_of_these,
    ADD CONSTRAINT job_kind_is_known
        CHECK (kind IN ('analysis', 'range', 'scan', 'scan_part', 'text_scan', 'image', 'indexing', 'turn', 'deleting',
                        'reindexing', 'syncing', 'object')) NOT VALID;

CREATE TABLE dataset_prefix (
    tenant_id uuid NOT NULL,
    prefix_id uuid NOT NULL,
    dataset_id uuid NOT NULL,
    bucket text NOT NULL,
    prefix text NOT NULL,
    include_patterns text[] NOT NULL,
    exclude_patterns text[] NOT NULL,
    -- How long after the beginning of a sync the next one begins; NULL: when somebody asks for it.
    every_minutes bigint CHECK (every_minutes > 0),
    next_at timestamptz,
    -- The newest sync: its job, and which one it is of this prefix.
    job_id uuid NOT NULL,
    number bigint NOT NULL DEFAULT 1,
    -- Where its listing goes on: behind this key, or at this token in a bucket that lists in no order; NULL: at the
    -- beginning. Once all is listed, what was not is removed.
    position text,
    listed_all boolean NOT NULL DEFAULT false,
    -- What it has met until there. Each object that is listed is one of these but for those removed.
    listed bigint NOT NULL DEFAULT 0,
    new bigint NOT NULL DEFAULT 0,
    changed bigint NOT NULL DEFAULT 0,
    retried bigint NOT NULL DEFAULT 0,
    unchanged bigint NOT NULL DEFAULT 0,
    removed bigint NOT NULL DEFAULT 0,
    -- By reason: {"archived": 3}.
    skipped jsonb NOT NULL DEFAULT '{}',
    -- When a sync last came to its end.
    synced_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    PRIMARY KEY (tenant_id, prefix_id),
    FOREIGN KEY (tenant_id, dataset_id) REFERENCES dataset,
    FOREIGN KEY (tenant_id, job_id) REFERENCES job
);
CREATE UNIQUE INDEX dataset_prefix_place ON dataset_prefix (tenant_id, dataset_id, bucket, prefix)
    WHERE deleted_at IS NULL;
CREATE INDEX dataset_prefix_due ON dataset_prefix (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX dataset_prefix_of_job ON dataset_prefix (tenant_id, job_id);

-- An object whose document was deleted by hand: in this state it does not come back. The hash of its key and ETag.
CREATE TABLE dataset_prefix_left_out (
    tenant_id uuid NOT NULL,
    prefix_id uuid NOT NULL,
    key uuid NOT NULL,
    PRIMARY KEY (tenant_id, prefix_id, key),
    FOREIGN KEY (tenant_id, prefix_id) REFERENCES dataset_prefix
);

ALTER TABLE source
    ADD COLUMN prefix_id uuid,
    -- The last sync of its prefix that has listed it.
    ADD COLUMN seen bigint NOT NULL DEFAULT 0,
    -- Its address, `s3://bucket/key`, redacted: what may be shown of where it is. Of an upload there is none.
    ADD COLUMN origin text,
    ADD CONSTRAINT source_of_a_prefix FOREIGN KEY (tenant_id, prefix_id) REFERENCES dataset_prefix NOT VALID;
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX source_of_prefix ON source (tenant_id, prefix_id, object_key)
    WHERE prefix_id IS NOT NULL AND deleted_at IS NULL;
-- Those that are deleted, too: they are looked for when they are removed.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX source_ever_of_prefix ON source (tenant_id, prefix_id) WHERE prefix_id IS NOT NULL;

-- The reading that has stored it last. A file that is read again has none of the documents that this one did not store.
ALTER TABLE document ADD COLUMN read_by uuid;

DO $security$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['dataset_prefix', 'dataset_prefix_left_out'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END
$security$;
-- Which are due, of any tenant; all else of one it does inside the tenant.
CREATE POLICY relay_finds_all ON dataset_prefix FOR SELECT TO sightglass_relay USING (true);

GRANT SELECT, INSERT, UPDATE ON dataset_prefix TO sightglass_api;
GRANT INSERT ON dataset_prefix_left_out TO sightglass_api;

GRANT SELECT, UPDATE, DELETE ON dataset_prefix TO sightglass_scanner;
GRANT SELECT, DELETE ON dataset_prefix_left_out TO sightglass_scanner;
GRANT INSERT, UPDATE (etag, version_id, size_bytes, seen, origin, deleted_at) ON source TO sightglass_scanner;

-- Redacted: it may be told with what is cited.
GRANT SELECT (origin) ON source TO sightglass_chat;

GRANT SELECT (tenant_id, prefix_id, dataset_id, job_id, number, every_minutes, next_at, deleted_at),
    UPDATE (job_id, number, position, listed_all, listed, new, changed, retried, unchanged, removed, skipped, next_at)
    ON dataset_prefix TO sightglass_relay;
