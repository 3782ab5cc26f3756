-- Long films are analysed in ranges: each is a job of kind `range`, as is putting them together.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

-- A wider check takes the place of the one that is dropped, so no client loses a guarantee.
ALTER TABLE job
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT job_kind_check,
    ADD CONSTRAINT job_kind_known CHECK (kind IN ('analysis', 'range')) NOT VALID;

-- One range of the film that an analysis is of; gone as soon as the analysis is over.
CREATE TABLE analysis_range (
    tenant_id uuid NOT NULL,
    analysis_id uuid NOT NULL,
    number bigint NOT NULL CHECK (number >= 0),
    -- The attempt of the analysis' job that planned it: messages of an older plan find no row.
    plan bigint NOT NULL,
    job_id uuid NOT NULL,
    -- In ticks of the stream: the film's first frame, and the key frames that the range lies between; NULL is the film's
    -- own beginning or end.
    first_pts bigint NOT NULL,
    start_pts bigint,
    end_pts bigint,
    start_us bigint NOT NULL,
    end_us bigint NOT NULL,
    -- Of a whole film: where the ranges began in which it could not be taken.
    restarts_us bigint[] NOT NULL,
    -- How far it is; never goes back, so that the sum over all is the progress of the analysis.
    done_us bigint NOT NULL DEFAULT 0,
    -- What was found, once it is done.
    result_key text,
    PRIMARY KEY (tenant_id, analysis_id, number),
    FOREIGN KEY (tenant_id, analysis_id) REFERENCES analysis ON DELETE CASCADE
);

ALTER TABLE analysis_range ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON analysis_range USING (tenant_id = current_tenant())
    WITH CHECK (tenant_id = current_tenant());

GRANT SELECT, INSERT, UPDATE, DELETE ON analysis_range TO sightglass_worker;
GRANT INSERT ON job TO sightglass_worker;
