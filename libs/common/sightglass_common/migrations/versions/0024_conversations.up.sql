-- Conversations: the API writes a turn and its message, chat answers into rows, the API streams those to the client. So
-- an answer outlives a restart of either side, and a client that comes back goes on where it was.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

-- A wider check takes the place of the one that is dropped, so no client loses a guarantee.
ALTER TABLE job
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT job_kind_is_of_these,
    ADD CONSTRAINT job_kind_is_one_of_these
        CHECK (kind IN ('analysis', 'range', 'scan', 'scan_part', 'text_scan', 'image', 'indexing', 'turn')) NOT VALID;

CREATE TABLE conversation (
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    -- Whose it is: nobody else's key sees it.
    key_id text NOT NULL,
    -- Redacted, as all that is below.
    title text NOT NULL,
    -- NULL: all that the tenant has when a question is asked.
    dataset_ids uuid[],
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, conversation_id),
    FOREIGN KEY (tenant_id, key_id) REFERENCES api_key
);
CREATE INDEX conversation_of_key ON conversation (tenant_id, key_id, conversation_id DESC);

CREATE TABLE turn (
    tenant_id uuid NOT NULL,
    turn_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    job_id uuid NOT NULL,
    question text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Written once, by the attempt that ends it. answered: false when nothing of the tenant's answers the question.
    answered boolean,
    answer text,
    citations jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (tenant_id, turn_id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversation ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, job_id) REFERENCES job
);
CREATE INDEX turn_of_conversation ON turn (tenant_id, conversation_id, turn_id);
CREATE INDEX turn_of_job ON turn (tenant_id, job_id);

-- An answer as it comes, in the order of its numbers. The next attempt begins anew, with the same first ones.
CREATE TABLE turn_event (
    tenant_id uuid NOT NULL,
    turn_id uuid NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    kind text NOT NULL CHECK (kind IN ('retrieval', 'delta', 'citation', 'usage', 'done')),
    data jsonb NOT NULL,
    PRIMARY KEY (tenant_id, turn_id, number),
    FOREIGN KEY (tenant_id, turn_id) REFERENCES turn ON DELETE CASCADE
);

DO $security$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['conversation', 'turn', 'turn_event'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END
$security$;

GRANT SELECT, INSERT, UPDATE (title), DELETE ON conversation TO sightglass_api;
GRANT SELECT, INSERT ON turn TO sightglass_api;
GRANT SELECT ON turn_event TO sightglass_api;

GRANT SELECT ON conversation TO sightglass_chat;
GRANT SELECT, UPDATE (answered, answer, citations) ON turn TO sightglass_chat;
GRANT SELECT, INSERT, DELETE ON turn_event TO sightglass_chat;
