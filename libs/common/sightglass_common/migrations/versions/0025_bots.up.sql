-- Bots: datasets under a name that people talk to. A conversation keeps the version that it began with.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

CREATE TABLE bot (
    tenant_id uuid NOT NULL REFERENCES tenant,
    bot_id uuid NOT NULL,
    -- Redacted, as all that is below.
    -- Tokens are longer than what they stand for: of 100 characters that were given, more may have come.
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 1000),
    -- The newest.
    version bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    PRIMARY KEY (tenant_id, bot_id)
);
CREATE UNIQUE INDEX bot_name ON bot (tenant_id, name) WHERE deleted_at IS NULL;

CREATE TABLE bot_version (
    tenant_id uuid NOT NULL,
    bot_id uuid NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    description text NOT NULL,
    greeting text NOT NULL,
    -- NULL: all that the tenant has when a question is asked.
    dataset_ids uuid[],
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, bot_id, version),
    FOREIGN KEY (tenant_id, bot_id) REFERENCES bot
);

ALTER TABLE conversation
    ADD COLUMN bot_id uuid,
    ADD COLUMN bot_version bigint,
    ADD CONSTRAINT conversation_bot FOREIGN KEY (tenant_id, bot_id, bot_version) REFERENCES bot_version NOT VALID,
    ADD CONSTRAINT conversation_bot_has_version CHECK ((bot_id IS NULL) = (bot_version IS NULL)) NOT VALID;

DO $security$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['bot', 'bot_version'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END
$security$;

GRANT SELECT, INSERT, UPDATE ON bot TO sightglass_api;
GRANT SELECT, INSERT ON bot_version TO sightglass_api;
