-- Videos as documents of datasets: what their scenes show is redacted by the scanner, and indexed by chat as other
-- documents are.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

ALTER TABLE dataset
    -- Whether it holds the tenant's videos, those to come too, but for the ones that are left out.
    ADD COLUMN all_videos boolean NOT NULL DEFAULT false;

-- A video that was added to a dataset (held), or left out of one that holds all.
CREATE TABLE dataset_video (
    tenant_id uuid NOT NULL,
    dataset_id uuid NOT NULL,
    video_id uuid NOT NULL,
    held boolean NOT NULL,
    PRIMARY KEY (tenant_id, dataset_id, video_id),
    FOREIGN KEY (tenant_id, dataset_id) REFERENCES dataset,
    FOREIGN KEY (tenant_id, video_id) REFERENCES video
);
CREATE INDEX dataset_video_of_video ON dataset_video (tenant_id, video_id);

ALTER TABLE source
    -- All videos of a dataset are one source. It has no object: the columns that would name one are empty, and no
    -- video's own object goes when the source does.
    ADD COLUMN of_videos boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT source_of_videos_has_no_object
        CHECK (NOT of_videos OR (bucket = '' AND object_key = '' AND size_bytes = 0)) NOT VALID;
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX source_of_videos ON source (tenant_id, dataset_id) WHERE of_videos;

ALTER TABLE document
    -- Of which video it is, and what analysis of it was read last. That may have been removed since.
    ADD COLUMN video_id uuid,
    ADD COLUMN analysis_id uuid,
    -- Counts how often it was read: what is cut of an older reading is not stored any more.
    ADD COLUMN reading bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT document_of_a_video FOREIGN KEY (tenant_id, video_id) REFERENCES video NOT VALID;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX document_video ON document (tenant_id, video_id, dataset_id) WHERE video_id IS NOT NULL;

ALTER TABLE dataset_video ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON dataset_video USING (tenant_id = current_tenant())
    WITH CHECK (tenant_id = current_tenant());

GRANT SELECT, INSERT, UPDATE (held), DELETE ON dataset_video TO sightglass_api;
GRANT UPDATE (job_id) ON source TO sightglass_api;
-- A video that is taken out is not found any more, from then on; chat removes what is left of it.
GRANT UPDATE (status, reason) ON document TO sightglass_api;

-- To have the datasets of a video read it again.
GRANT SELECT (tenant_id, dataset_id, all_videos, deleted_at) ON dataset TO sightglass_worker;
GRANT SELECT (tenant_id, source_id, dataset_id, of_videos), UPDATE (job_id) ON source TO sightglass_worker;
GRANT SELECT ON dataset_video TO sightglass_worker;

GRANT SELECT ON dataset_video, scene, scene_label TO sightglass_scanner;

GRANT DELETE ON document TO sightglass_chat;
