-- Datasets: documents come from sources, the scanner redacts them, chat cuts them into segments and indexes those.
-- Nothing of a document is here before it is redacted, and chat's role may read no table that holds text in clear.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

DO $roles$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sightglass_chat') THEN
        CREATE ROLE sightglass_chat LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
END
$roles$;

GRANT USAGE ON SCHEMA public TO sightglass_chat;

CREATE EXTENSION IF NOT EXISTS vector;

-- A wider check takes the place of the one that is dropped, so no client loses a guarantee.
ALTER TABLE job
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT job_kind_is_among,
    ADD CONSTRAINT job_kind_is_of_these
        CHECK (kind IN ('analysis', 'range', 'scan', 'scan_part', 'text_scan', 'image', 'indexing')) NOT VALID;

CREATE TABLE dataset (
    tenant_id uuid NOT NULL REFERENCES tenant,
    dataset_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    description text NOT NULL DEFAULT '',
    -- How words are brought to their stems: a text search configuration of Postgres.
    language text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    PRIMARY KEY (tenant_id, dataset_id)
);
CREATE UNIQUE INDEX dataset_name ON dataset (tenant_id, name) WHERE deleted_at IS NULL;

-- An object that documents are read from, by one job of kind `indexing`.
CREATE TABLE source (
    tenant_id uuid NOT NULL,
    source_id uuid NOT NULL,
    dataset_id uuid NOT NULL,
    job_id uuid NOT NULL,
    bucket text NOT NULL,
    object_key text NOT NULL,
    version_id text NOT NULL,
    etag text NOT NULL,
    size_bytes bigint NOT NULL,
    filename text NOT NULL,
    content_type text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, source_id),
    FOREIGN KEY (tenant_id, dataset_id) REFERENCES dataset,
    FOREIGN KEY (tenant_id, job_id) REFERENCES job
);
CREATE INDEX source_of_dataset ON source (tenant_id, dataset_id, source_id);
CREATE INDEX source_of_job ON source (tenant_id, job_id);

CREATE TABLE document (
    tenant_id uuid NOT NULL,
    document_id uuid NOT NULL,
    dataset_id uuid NOT NULL,
    source_id uuid NOT NULL,
    -- The caller's own id: in a dataset it names one document, and told again it takes the place of that.
    ref text,
    -- Redacted, as all that is below.
    title text NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'read', 'ready', 'skipped', 'failed')),
    -- Why it was skipped, or not read whole: a code, and what a person can do with.
    reason text,
    detail text NOT NULL DEFAULT '',
    -- With what it was redacted: the detectors' version, and the least confidence that is redacted.
    detectors text,
    threshold real,
    -- How many values were replaced.
    redactions bigint NOT NULL DEFAULT 0,
    segments bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    indexed_at timestamptz,
    PRIMARY KEY (tenant_id, document_id),
    FOREIGN KEY (tenant_id, dataset_id) REFERENCES dataset,
    FOREIGN KEY (tenant_id, source_id) REFERENCES source
);
CREATE INDEX document_of_dataset ON document (tenant_id, dataset_id, document_id);
CREATE INDEX document_of_source ON document (tenant_id, source_id, document_id);
CREATE UNIQUE INDEX document_ref ON document (tenant_id, dataset_id, ref) WHERE ref IS NOT NULL;

-- What a document says: [{"text", "locator"}], in its order, redacted by the scanner as a whole.
CREATE TABLE content (
    tenant_id uuid NOT NULL,
    document_id uuid NOT NULL,
    number bigint NOT NULL CHECK (number >= 0),
    passages jsonb NOT NULL,
    PRIMARY KEY (tenant_id, document_id, number),
    FOREIGN KEY (tenant_id, document_id) REFERENCES document ON DELETE CASCADE
);

-- How many segments a dataset has and how many words these, for the weights of words; and the next segment's number.
CREATE TABLE corpus (
    tenant_id uuid NOT NULL,
    dataset_id uuid NOT NULL,
    next_number bigint NOT NULL DEFAULT 0,
    segments bigint NOT NULL DEFAULT 0,
    words bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, dataset_id),
    FOREIGN KEY (tenant_id, dataset_id) REFERENCES dataset
);

CREATE TABLE segment (
    tenant_id uuid NOT NULL,
    dataset_id uuid NOT NULL,
    number bigint NOT NULL CHECK (number >= 0),
    document_id uuid NOT NULL,
    ordinal bigint NOT NULL CHECK (ordinal >= 0),
    text text NOT NULL,
    locator jsonb NOT NULL,
    -- How many words it has for search; and which, so that none is left behind when it goes.
    words bigint NOT NULL,
    word_keys bigint[] NOT NULL,
    PRIMARY KEY (tenant_id, dataset_id, number),
    UNIQUE (tenant_id, document_id, ordinal),
    FOREIGN KEY (tenant_id, document_id) REFERENCES document ON DELETE CASCADE
);

-- Narrow, and its vectors in the row: an exact search of a dataset reads it from end to end.
CREATE TABLE segment_vector (
    tenant_id uuid NOT NULL,
    dataset_id uuid NOT NULL,
    number bigint NOT NULL,
    embedding halfvec(384) STORAGE PLAIN NOT NULL,
    PRIMARY KEY (tenant_id, dataset_id, number),
    FOREIGN KEY (tenant_id, dataset_id, number) REFERENCES segment ON DELETE CASCADE
);

-- Where words are: for each word of some segments that came together, their numbers in order, and with each
-- 1024 * how often the word is there + how many words the segment has (both up to 1023).
CREATE TABLE posting (
    tenant_id uuid NOT NULL,
    word bigint NOT NULL,
    dataset_id uuid NOT NULL,
    first_number bigint NOT NULL,
    numbers bigint[] NOT NULL,
    -- squawk-ignore prefer-bigint-over-int
    counts integer[] NOT NULL,
    PRIMARY KEY (tenant_id, word, dataset_id, first_number),
    FOREIGN KEY (tenant_id, dataset_id) REFERENCES dataset
);

-- A word as it is kept in `posting`: 64 bits of its stem's hash, the same in all versions of Postgres.
CREATE FUNCTION word_key(stem text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ('x' || substr(md5(stem), 1, 16))::bit(64)::bigint;

ALTER TABLE upload
    ADD COLUMN dataset_id uuid,
    ADD COLUMN source_id uuid;

DO $security$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['dataset', 'source', 'document', 'content', 'corpus', 'segment', 'segment_vector',
                                'posting'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END
$security$;

GRANT SELECT, INSERT, UPDATE ON dataset TO sightglass_api;
GRANT SELECT, INSERT ON source TO sightglass_api;
GRANT SELECT, DELETE ON document TO sightglass_api;
GRANT SELECT ON content, segment, segment_vector TO sightglass_api;
GRANT SELECT, UPDATE ON corpus TO sightglass_api;
GRANT SELECT, UPDATE, DELETE ON posting TO sightglass_api;

GRANT SELECT ON dataset, source TO sightglass_scanner;
GRANT SELECT, INSERT, UPDATE ON document TO sightglass_scanner;
GRANT SELECT, INSERT, DELETE ON content TO sightglass_scanner;

GRANT SELECT, UPDATE ON job TO sightglass_chat;
GRANT SELECT, INSERT ON processed TO sightglass_chat;
GRANT INSERT ON outbox TO sightglass_chat;
GRANT SELECT ON dataset, content TO sightglass_chat;
-- Not the name of its file, which is in clear.
GRANT SELECT (tenant_id, source_id, dataset_id) ON source TO sightglass_chat;
GRANT SELECT, UPDATE ON document TO sightglass_chat;
GRANT SELECT, INSERT, UPDATE ON corpus TO sightglass_chat;
GRANT SELECT, INSERT, DELETE ON segment, segment_vector TO sightglass_chat;
GRANT SELECT, INSERT, UPDATE, DELETE ON posting TO sightglass_chat;
