-- What label providers say the frames of scenes show.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

ALTER TABLE analysis
    -- {"status": "done"|"partial"|"failed"|"off", "reason", and what became of each frame}; NULL: of an older worker.
    ADD COLUMN labels jsonb;

CREATE TABLE scene_label (
    tenant_id uuid NOT NULL,
    analysis_id uuid NOT NULL,
    -- The scene's number, and the label's own within the scene: by time, then the surest first.
    scene bigint NOT NULL,
    number bigint NOT NULL CHECK (number >= 0),
    t_us bigint NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    confidence real NOT NULL,
    -- [x, y, width, height], if the provider says where.
    box jsonb,
    PRIMARY KEY (tenant_id, analysis_id, scene, number),
    FOREIGN KEY (tenant_id, analysis_id) REFERENCES analysis
);

-- Labels that a tenant has paid for, by picture and question. A picture that shows nothing has an empty list.
-- Not shared between tenants: from what it cost, one could tell that another has the picture.
CREATE TABLE label_cache (
    tenant_id uuid NOT NULL REFERENCES tenant,
    key bytea NOT NULL CHECK (length(key) = 32),
    -- [{"name", "confidence", "box"}]
    labels jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX label_cache_age ON label_cache (created_at);

DO $security$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['scene_label', 'label_cache'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END
$security$;

CREATE POLICY relay_forgets_all ON label_cache TO sightglass_relay USING (true) WITH CHECK (false);

GRANT SELECT ON scene_label TO sightglass_api;
-- The runs of the pipeline check are removed when they are old.
GRANT DELETE ON scene_label TO sightglass_api;
GRANT SELECT, INSERT, DELETE ON scene_label TO sightglass_worker;
GRANT SELECT, INSERT ON label_cache TO sightglass_worker;
-- To remove what is old. Not `labels`: what a tenant's pictures show is none of the relay's business.
GRANT SELECT (tenant_id, key, created_at), DELETE ON label_cache TO sightglass_relay;
