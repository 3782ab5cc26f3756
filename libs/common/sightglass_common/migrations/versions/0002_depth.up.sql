-- Texts, tracks, scores and artifacts of analyses; new kinds of boundary; the preview tier.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

-- A wider check takes the place of each that is dropped, so no client loses a guarantee.
ALTER TABLE analysis
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT analysis_tier_check,
    ADD CONSTRAINT analysis_tier_known CHECK (tier IN ('exact', 'preview')) NOT VALID,
    -- Of the worker's code that found this: what an older one found can be found again by a newer.
    ADD COLUMN analyser_version bigint,
    ADD COLUMN partial_reason text,
    -- What was read of the screens and what was not: {"looks", "read", "capped", "failed", "unread_us"}.
    ADD COLUMN text_coverage jsonb,
    -- {"version", "total", "reason", "parts": [...]}; docs/score.md
    ADD COLUMN score jsonb;

ALTER TABLE scene
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT scene_boundary_kind_check,
    ADD CONSTRAINT scene_boundary_kind_known
        CHECK (boundary_kind IN ('start', 'cut', 'fade', 'fade_in', 'fade_out', 'dissolve')) NOT VALID,
    ADD COLUMN motion_kind text,
    -- Share of the frame's width or height a second.
    ADD COLUMN motion_mean real,
    ADD COLUMN motion_p95 real,
    ADD CONSTRAINT scene_motion_known CHECK (motion_kind IN ('still', 'camera', 'object', 'both')) NOT VALID;

-- `clear` is what was read. Only the worker may write and read it, and the scanner once it is there: a text is shown
-- in clear by nobody before it was looked at for sensitive data.
CREATE TABLE screen_text (
    tenant_id uuid NOT NULL,
    analysis_id uuid NOT NULL,
    number bigint NOT NULL CHECK (number >= 0),
    start_us bigint NOT NULL,
    end_us bigint NOT NULL,
    clear text NOT NULL,
    masked text NOT NULL,
    confidence real NOT NULL,
    -- [{"start_us", "end_us", "box": [x, y, width, height]}], in order of time
    spans jsonb NOT NULL,
    PRIMARY KEY (tenant_id, analysis_id, number),
    FOREIGN KEY (tenant_id, analysis_id) REFERENCES analysis
);

CREATE TABLE track (
    tenant_id uuid NOT NULL,
    analysis_id uuid NOT NULL,
    number bigint NOT NULL CHECK (number >= 0),
    method text NOT NULL CHECK (method IN ('motion', 'pose')),
    label text NOT NULL,
    start_us bigint NOT NULL,
    end_us bigint NOT NULL,
    samples bigint NOT NULL,
    -- The box around all of its boxes: [x, y, width, height]. Each one is in the overlay.
    bounds jsonb NOT NULL,
    PRIMARY KEY (tenant_id, analysis_id, number),
    FOREIGN KEY (tenant_id, analysis_id) REFERENCES analysis
);

CREATE TABLE artifact (
    tenant_id uuid NOT NULL,
    analysis_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('overlay', 'overlay_vtt', 'tracks')),
    object_key text NOT NULL,
    content_type text NOT NULL,
    size_bytes bigint NOT NULL,
    -- Of what lies between two media times only, as a chunk of an overlay.
    start_us bigint,
    end_us bigint,
    PRIMARY KEY (tenant_id, analysis_id, name),
    FOREIGN KEY (tenant_id, analysis_id) REFERENCES analysis
);

DO $security$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['screen_text', 'track', 'artifact'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END
$security$;

GRANT SELECT (tenant_id, analysis_id, number, start_us, end_us, masked, confidence, spans) ON screen_text
    TO sightglass_api;
GRANT SELECT ON track, artifact TO sightglass_api;
-- The runs of the pipeline check are removed when they are old.
GRANT DELETE ON screen_text, track, artifact TO sightglass_api;
GRANT SELECT, INSERT, DELETE ON screen_text, track, artifact TO sightglass_worker;
