-- Documents are deleted with all that was made of them, read anew, and withheld while they are redacted by older rules.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

-- A wider check takes the place of the one that is dropped, so no client loses a guarantee.
ALTER TABLE job
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT job_kind_is_one_of_these,
    ADD CONSTRAINT job_kind_is_any_of_these
        CHECK (kind IN ('analysis', 'range', 'scan', 'scan_part', 'text_scan', 'image', 'indexing', 'turn', 'deleting',
                        'reindexing')) NOT VALID,
    -- How many attempts it had had when one service left it to another: the next is that one's first.
    ADD COLUMN attempts_before bigint NOT NULL DEFAULT 0;

-- Grows when something is asked for that was not found before: a threshold is lowered, a detector added or changed, an
-- exception taken back. With the version of the shipped detectors it makes the rules that a text is redacted by.
ALTER TABLE detection_setting ADD COLUMN generation bigint NOT NULL DEFAULT 0;

ALTER TABLE dataset
    -- The rules that all of its sources were last asked to be read by.
    ADD COLUMN rules text,
    -- Of a deleted one, the job that removes what is in it.
    ADD COLUMN deleting_job_id uuid;

-- Of a deleted one nothing is found; a job removes what there is of it.
ALTER TABLE source ADD COLUMN deleted_at timestamptz;

-- What was indexed before this is served by none of these, so it is withheld until it is read anew.
ALTER TABLE document
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT document_status_check,
    ADD CONSTRAINT document_status_is_one_of_these
        CHECK (status IN ('queued', 'read', 'ready', 'skipped', 'failed', 'deleting')) NOT VALID,
    -- Which reading is searched; NULL: none. Of another, segments may be there, but they are not shown.
    ADD COLUMN served bigint,
    -- What the content was redacted by, and what the segments that are searched were: `version.generation`.
    ADD COLUMN rules text,
    ADD COLUMN served_rules text;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX document_served_by ON document (tenant_id, dataset_id, served_rules) WHERE served IS NOT NULL;

ALTER TABLE segment
    ADD COLUMN reading bigint NOT NULL DEFAULT 0,
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT segment_tenant_id_document_id_ordinal_key;
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX segment_of_document ON segment (tenant_id, document_id, reading, ordinal);

-- A document that was deleted while its source stays: no reading of this source, or of one from before it, brings it back.
CREATE TABLE deleted_document (
    tenant_id uuid NOT NULL,
    dataset_id uuid NOT NULL,
    -- The hash of the caller's own id, or the document's id where it had none.
    key uuid NOT NULL,
    source_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, dataset_id, key),
    FOREIGN KEY (tenant_id, dataset_id) REFERENCES dataset
);

-- What a turn was shown: of which documents it holds words.
CREATE TABLE turn_document (
    tenant_id uuid NOT NULL,
    turn_id uuid NOT NULL,
    document_id uuid NOT NULL,
    -- By what these words were redacted; NULL: nobody knows.
    rules text,
    PRIMARY KEY (tenant_id, turn_id, document_id),
    FOREIGN KEY (tenant_id, turn_id) REFERENCES turn ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, document_id) REFERENCES document ON DELETE CASCADE
);
CREATE INDEX turn_of_document ON turn_document (tenant_id, document_id);

-- Its owner sees all tenants' rows for this one statement, whoever the owner is.
ALTER TABLE turn_event NO FORCE ROW LEVEL SECURITY;
ALTER TABLE document NO FORCE ROW LEVEL SECURITY;
INSERT INTO turn_document (tenant_id, turn_id, document_id)
SELECT DISTINCT e.tenant_id, e.turn_id, d.document_id
FROM turn_event e, jsonb_array_elements(e.data->'results') AS r
     JOIN document d ON d.document_id = (r->>'document_id')::uuid
WHERE e.kind = 'retrieval' AND d.tenant_id = e.tenant_id;
ALTER TABLE turn_event FORCE ROW LEVEL SECURITY;
ALTER TABLE document FORCE ROW LEVEL SECURITY;

-- squawk-ignore require-concurrent-index-creation
CREATE INDEX upload_of_source ON upload (tenant_id, source_id) WHERE source_id IS NOT NULL;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX upload_of_dataset ON upload (tenant_id, dataset_id) WHERE dataset_id IS NOT NULL;

DO $security$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['deleted_document', 'turn_document'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END
$security$;
-- Which datasets are to be read anew, or removed, of any tenant; all else of one it does inside the tenant.
CREATE POLICY relay_finds_all ON dataset FOR SELECT TO sightglass_relay USING (true);
CREATE POLICY relay_finds_all ON detection_setting FOR SELECT TO sightglass_relay USING (true);

GRANT UPDATE (deleted_at) ON source TO sightglass_api;
GRANT UPDATE (ref, title, metadata, detail, served) ON document TO sightglass_api;
GRANT SELECT, INSERT, UPDATE ON deleted_document TO sightglass_api;

-- It alone removes: it has the way to the objects in S3 as well.
GRANT SELECT ON own_detector, detection_setting, segment, segment_vector TO sightglass_scanner;
GRANT UPDATE (rules), DELETE ON dataset TO sightglass_scanner;
GRANT UPDATE (job_id), DELETE ON source TO sightglass_scanner;
GRANT DELETE ON document, segment TO sightglass_scanner;
GRANT SELECT, UPDATE, DELETE ON corpus, posting, segment_signs TO sightglass_scanner;
GRANT DELETE ON dataset_video TO sightglass_scanner;
GRANT SELECT, INSERT, UPDATE, DELETE ON deleted_document TO sightglass_scanner;
GRANT SELECT (tenant_id, upload_id, bucket, object_key, dataset_id, source_id), DELETE ON upload TO sightglass_scanner;
GRANT SELECT, DELETE ON turn_document TO sightglass_scanner;
GRANT SELECT (tenant_id, turn_id, answer, citations, usage), UPDATE (answer, citations) ON turn TO sightglass_scanner;
GRANT SELECT, UPDATE (data), DELETE ON turn_event TO sightglass_scanner;

GRANT SELECT (deleted_at, job_id) ON source TO sightglass_chat;
-- What a tenant's own detectors look for may be secret itself; what it says is none, is not.
GRANT SELECT ON detection_setting TO sightglass_chat;
GRANT SELECT, INSERT, UPDATE (rules), DELETE ON turn_document TO sightglass_chat;
REVOKE DELETE ON document FROM sightglass_chat;

GRANT SELECT (tenant_id, dataset_id, deleted_at, rules, deleting_job_id), UPDATE (rules, deleting_job_id)
    ON dataset TO sightglass_relay;
