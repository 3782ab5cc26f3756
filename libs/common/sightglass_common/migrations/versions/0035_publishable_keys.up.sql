-- Publishable keys: a page in the open carries one, and its visitors ask one bot with it, from origins that were named.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

-- A wider check takes the place of the one that is dropped, so no client loses a guarantee.
ALTER TABLE api_key
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT api_key_role_check,
    ADD CONSTRAINT api_key_role_is_one_of_these
        CHECK (role IN ('platform_admin', 'tenant_admin', 'member', 'viewer', 'visitor')) NOT VALID;

CREATE TABLE publishable_key (
    tenant_id uuid NOT NULL,
    key_id text NOT NULL,
    bot_id uuid NOT NULL,
    -- As pages carry it. Whoever sees such a page has it, so that it is no secret, and is kept as it is.
    key text NOT NULL,
    origins text[] NOT NULL CHECK (cardinality(origins) BETWEEN 1 AND 20),
    questions_a_day bigint NOT NULL CHECK (questions_a_day > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, key_id),
    FOREIGN KEY (tenant_id, key_id) REFERENCES api_key,
    FOREIGN KEY (tenant_id, bot_id) REFERENCES bot
);
CREATE INDEX publishable_key_of_bot ON publishable_key (tenant_id, bot_id);

-- Which visitor's a conversation is, of all that have the same publishable key.
CREATE TABLE visit (
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    secret_sha256 bytea NOT NULL CHECK (length(secret_sha256) = 32),
    PRIMARY KEY (tenant_id, conversation_id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversation ON DELETE CASCADE
);

-- How often a publishable key was used: by one client in a minute, or by all ('') in a day of UTC.
CREATE TABLE publishable_use (
    tenant_id uuid NOT NULL,
    key_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('ask', 'follow')),
    -- A hash of its address.
    client bytea NOT NULL,
    since timestamptz NOT NULL,
    uses bigint NOT NULL,
    PRIMARY KEY (tenant_id, key_id, kind, client, since),
    FOREIGN KEY (tenant_id, key_id) REFERENCES publishable_key
);

DO $security$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['publishable_key', 'visit', 'publishable_use'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END
$security$;

GRANT SELECT, INSERT ON publishable_key, visit TO sightglass_api;
GRANT SELECT, INSERT, UPDATE (uses), DELETE ON publishable_use TO sightglass_api;
