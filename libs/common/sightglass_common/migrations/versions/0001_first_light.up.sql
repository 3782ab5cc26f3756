-- Every tenant table has tenant_id first in its primary key and indexes, row-level security with FORCE,
-- and a policy that shows a transaction the rows of the tenant in `app.tenant_id`, and none without one.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    -- Once a transaction has set it, the setting is '' in the next one on that connection, not NULL.
    RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;

DO $roles$
DECLARE service text;
BEGIN
    -- Roles belong to the server, not to the database: another database of it may have made them.
    FOREACH service IN ARRAY ARRAY['sightglass_api', 'sightglass_relay', 'sightglass_worker'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = service) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', service);
        END IF;
    END LOOP;
END
$roles$;

GRANT USAGE ON SCHEMA public TO sightglass_api, sightglass_relay, sightglass_worker;

CREATE TABLE tenant (
    tenant_id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_key (
    tenant_id uuid NOT NULL REFERENCES tenant,
    key_id text NOT NULL UNIQUE,
    secret_sha256 bytea NOT NULL CHECK (length(secret_sha256) = 32),
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('platform_admin', 'tenant_admin', 'member', 'viewer')),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    PRIMARY KEY (tenant_id, key_id)
);

-- Which buckets a tenant may have analysed. Linked by an operator: a tenant who could link would read its neighbours'.
CREATE TABLE bucket_link (
    tenant_id uuid NOT NULL REFERENCES tenant,
    bucket text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, bucket)
);

CREATE TABLE job (
    tenant_id uuid NOT NULL REFERENCES tenant,
    job_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('analysis')),
    status text NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'running', 'done', 'partial', 'failed', 'cancelled')),
    -- The fencing token: counts claims, never goes back. A write of an older attempt changes nothing.
    attempt bigint NOT NULL DEFAULT 0,
    attempts_left bigint NOT NULL DEFAULT 5,
    -- Counts changes of the row that a watcher should see.
    revision bigint NOT NULL DEFAULT 1,
    stage text,
    done bigint NOT NULL DEFAULT 0,
    total bigint,
    -- [{"stage", "started_at", "attempt"}]
    stages jsonb NOT NULL DEFAULT '[]',
    error_code text,
    error_detail text,
    error_stage text,
    error_retryable boolean,
    cancel_requested_at timestamptz,
    lease_until timestamptz,
    -- The message as it was sent, for sending it again.
    queue text NOT NULL,
    message jsonb NOT NULL,
    sends bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- When it last became queued, or was put into the outbox again.
    queued_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, job_id)
);
CREATE INDEX job_of_status ON job (tenant_id, status, job_id DESC);
-- What the reconciler looks through: unfinished jobs, few beside the finished ones.
CREATE INDEX job_unfinished ON job (queued_at) WHERE status IN ('queued', 'running');

CREATE TABLE upload (
    tenant_id uuid NOT NULL REFERENCES tenant,
    upload_id uuid NOT NULL,
    bucket text NOT NULL,
    object_key text NOT NULL,
    filename text NOT NULL,
    content_type text NOT NULL,
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    method text NOT NULL CHECK (method IN ('post', 'multipart')),
    multipart_id text,
    part_bytes bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    completed_at timestamptz,
    -- Set by the completion, so that a second one answers the same.
    video_id uuid,
    analysis_id uuid,
    job_id uuid,
    PRIMARY KEY (tenant_id, upload_id)
);

CREATE TABLE video (
    tenant_id uuid NOT NULL REFERENCES tenant,
    video_id uuid NOT NULL,
    bucket text NOT NULL,
    object_key text NOT NULL,
    -- '' in a bucket without versions. The same object in the same state is one video, however often it is named.
    version_id text NOT NULL DEFAULT '',
    etag text NOT NULL,
    size_bytes bigint NOT NULL,
    filename text NOT NULL,
    content_type text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, video_id),
    UNIQUE (tenant_id, bucket, object_key, version_id, etag)
);

CREATE TABLE analysis (
    tenant_id uuid NOT NULL,
    analysis_id uuid NOT NULL,
    video_id uuid NOT NULL,
    job_id uuid NOT NULL,
    tier text NOT NULL CHECK (tier IN ('exact')),
    created_at timestamptz NOT NULL DEFAULT now(),
    -- What follows is written once, by the attempt that finishes it.
    attempt bigint,
    probe jsonb,
    duration_us bigint,
    frames bigint,
    bad_packets bigint,
    partial boolean,
    sprite_key text,
    storyboard_key text,
    PRIMARY KEY (tenant_id, analysis_id),
    FOREIGN KEY (tenant_id, video_id) REFERENCES video,
    FOREIGN KEY (tenant_id, job_id) REFERENCES job
);
CREATE INDEX analysis_of_video ON analysis (tenant_id, video_id, analysis_id DESC);
CREATE INDEX analysis_of_job ON analysis (tenant_id, job_id);

CREATE TABLE scene (
    tenant_id uuid NOT NULL,
    analysis_id uuid NOT NULL,
    number bigint NOT NULL CHECK (number >= 0),
    start_us bigint NOT NULL,
    end_us bigint NOT NULL,
    first_frame bigint NOT NULL,
    last_frame bigint NOT NULL,
    boundary_kind text NOT NULL CHECK (boundary_kind IN ('start', 'cut', 'fade')),
    boundary_score real NOT NULL,
    keyframe_us bigint,
    thumbnail_key text,
    PRIMARY KEY (tenant_id, analysis_id, number),
    FOREIGN KEY (tenant_id, analysis_id) REFERENCES analysis,
    CHECK (start_us < end_us OR start_us = 0)
);

-- Messages to send, written in the transaction that makes them true, and deleted when SQS has taken them.
CREATE TABLE outbox (
    tenant_id uuid NOT NULL REFERENCES tenant,
    outbox_id uuid NOT NULL,
    queue text NOT NULL,
    body text NOT NULL,
    job_id uuid,
    -- Why, for what goes to a dead-letter queue; becomes a message attribute.
    reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    not_before timestamptz NOT NULL DEFAULT now(),
    refusals bigint NOT NULL DEFAULT 0,
    last_refusal text,
    PRIMARY KEY (outbox_id)
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
CREATE INDEX outbox_due ON outbox (not_before);

-- Which messages have had their effect.
CREATE TABLE processed (
    tenant_id uuid NOT NULL REFERENCES tenant,
    consumer text NOT NULL,
    message_id uuid NOT NULL,
    processed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, consumer, message_id)
);
CREATE INDEX processed_age ON processed (processed_at);

DO $security$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tenant', 'api_key', 'bucket_link', 'job', 'upload', 'video', 'analysis', 'scene',
                                'outbox', 'processed'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END
$security$;

-- At the HTTP door the tenant is not known yet: whoever knows a key's id sees that one row.
CREATE POLICY key_at_the_door ON api_key FOR SELECT TO sightglass_api
    USING (key_id = nullif(current_setting('app.key_id', true), ''));

-- The relay carries every tenant's messages and looks after every tenant's jobs; it has no HTTP face.
CREATE POLICY relay_sends_all ON outbox TO sightglass_relay USING (true) WITH CHECK (true);
CREATE POLICY relay_finds_all ON job FOR SELECT TO sightglass_relay USING (true);
CREATE POLICY relay_requeues_all ON job FOR UPDATE TO sightglass_relay USING (true) WITH CHECK (true);

CREATE POLICY relay_forgets_all ON processed TO sightglass_relay USING (true) WITH CHECK (false);

GRANT SELECT, INSERT ON tenant TO sightglass_api;
GRANT SELECT, INSERT, UPDATE (last_used_at, revoked_at) ON api_key TO sightglass_api;
GRANT SELECT, INSERT, DELETE ON bucket_link TO sightglass_api;
GRANT SELECT, INSERT, UPDATE ON job, upload TO sightglass_api;
GRANT SELECT, INSERT ON video, analysis TO sightglass_api;
GRANT SELECT ON scene TO sightglass_api;
-- The runs of the pipeline check are removed when they are old.
GRANT DELETE ON job, analysis, scene TO sightglass_api;
GRANT INSERT ON outbox TO sightglass_api;

GRANT SELECT ON video, bucket_link TO sightglass_worker;
GRANT SELECT, UPDATE ON job, analysis TO sightglass_worker;
GRANT SELECT, INSERT, DELETE ON scene TO sightglass_worker;
GRANT SELECT, INSERT ON processed TO sightglass_worker;
GRANT INSERT ON outbox TO sightglass_worker;

GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO sightglass_relay;
GRANT SELECT, UPDATE ON job TO sightglass_relay;
GRANT SELECT, DELETE ON processed TO sightglass_relay;
