-- The texts that an analysis has read are looked through by the scanner: a job of kind `text_scan`, which no client sees.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

-- A wider check takes the place of the one that is dropped, so no client loses a guarantee.
ALTER TABLE job
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT job_kind_is_one,
    ADD CONSTRAINT job_kind_is_of CHECK (kind IN ('analysis', 'range', 'scan', 'scan_part', 'text_scan')) NOT VALID;

ALTER TABLE analysis
    -- NULL until the scanner has looked through its texts, and where there are none.
    ADD COLUMN texts_scanned_at timestamptz;

-- Where in this analysis' video a finding is seen. The finding itself is of the object, whatever analysis it is from.
CREATE TABLE analysis_finding (
    tenant_id uuid NOT NULL,
    analysis_id uuid NOT NULL,
    finding_id uuid NOT NULL,
    start_us bigint NOT NULL,
    end_us bigint NOT NULL,
    -- [{"start_us", "end_us", "box": [x, y, width, height]}], in order of time
    spans jsonb NOT NULL,
    PRIMARY KEY (tenant_id, analysis_id, finding_id),
    FOREIGN KEY (tenant_id, analysis_id) REFERENCES analysis ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, finding_id) REFERENCES finding ON DELETE CASCADE
);

ALTER TABLE analysis_finding ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON analysis_finding USING (tenant_id = current_tenant())
    WITH CHECK (tenant_id = current_tenant());

GRANT SELECT ON video, analysis, screen_text TO sightglass_scanner;
GRANT UPDATE (texts_scanned_at) ON analysis TO sightglass_scanner;
GRANT SELECT, INSERT, DELETE ON analysis_finding TO sightglass_scanner;
GRANT SELECT, DELETE ON analysis_finding TO sightglass_worker;
GRANT SELECT ON analysis_finding TO sightglass_api;
