-- Feedback: what who asked says of an answer. It can become questions that a dataset's search is tried with.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

-- The newest of each turn.
CREATE TABLE feedback (
    tenant_id uuid NOT NULL,
    turn_id uuid NOT NULL,
    thumb text NOT NULL CHECK (thumb IN ('up', 'down')),
    -- Which one answers best; NULL: nobody said so, or it was deleted.
    document_id uuid,
    -- Redacted.
    note text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, turn_id),
    FOREIGN KEY (tenant_id, turn_id) REFERENCES turn ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, document_id) REFERENCES document ON DELETE SET NULL (document_id)
);
CREATE INDEX feedback_of_document ON feedback (tenant_id, document_id) WHERE document_id IS NOT NULL;

ALTER TABLE feedback ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON feedback USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());

GRANT SELECT, INSERT, UPDATE (thumb, document_id, note, at) ON feedback TO sightglass_api;
-- What it says of a document goes with that.
GRANT SELECT (tenant_id, turn_id, document_id), UPDATE (document_id, note) ON feedback TO sightglass_scanner;
