-- The ledger of answers: one row for each, beside `answer_use`, which has one for each call of a provider. Both stay when
-- the conversation goes; they hold no words.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

CREATE TABLE answer_record (
    tenant_id uuid NOT NULL,
    turn_id uuid NOT NULL,
    key_id text NOT NULL,
    bot_id uuid,
    -- Whose model has written it; NULL: it is the sources' own sentences.
    provider_id uuid,
    platform boolean NOT NULL DEFAULT false,
    provider_tenant_id uuid NOT NULL
        GENERATED ALWAYS AS (CASE WHEN platform THEN platform_tenant() ELSE tenant_id END) STORED,
    model text NOT NULL,
    generated boolean NOT NULL,
    answered boolean NOT NULL,
    -- How many segments it could be made of, and how many documents were not looked at.
    retrieved bigint NOT NULL CHECK (retrieved >= 0),
    withheld bigint NOT NULL CHECK (withheld >= 0),
    -- From when the question was put: to the first event, and to the whole answer.
    first_event_us bigint NOT NULL,
    whole_us bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, turn_id),
    FOREIGN KEY (tenant_id, key_id) REFERENCES api_key,
    FOREIGN KEY (tenant_id, bot_id) REFERENCES bot,
    FOREIGN KEY (provider_tenant_id, provider_id) REFERENCES provider
);
CREATE INDEX answer_record_at ON answer_record (tenant_id, at);

-- What a provider takes for a million tokens, in whatever currency the tenant reckons.
CREATE TABLE provider_price (
    tenant_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    input_price numeric(12, 6) NOT NULL CHECK (input_price >= 0),
    output_price numeric(12, 6) NOT NULL CHECK (output_price >= 0),
    PRIMARY KEY (tenant_id, provider_id),
    FOREIGN KEY (tenant_id, provider_id) REFERENCES provider
);

ALTER TABLE answer_use
    -- Who asked, and at what price. NULL: from before these were noted, of a test, or without a price.
    ADD COLUMN key_id text,
    ADD COLUMN bot_id uuid,
    ADD COLUMN input_price numeric(12, 6),
    ADD COLUMN output_price numeric(12, 6),
    ADD CONSTRAINT answer_use_key FOREIGN KEY (tenant_id, key_id) REFERENCES api_key NOT VALID,
    ADD CONSTRAINT answer_use_bot FOREIGN KEY (tenant_id, bot_id) REFERENCES bot NOT VALID;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX answer_use_at ON answer_use (tenant_id, at);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX answer_use_of_turn ON answer_use (tenant_id, turn_id);

-- When anybody could see the first event of it, whichever attempt told that.
ALTER TABLE turn ADD COLUMN first_told_at timestamptz;

DO $security$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['answer_record', 'provider_price'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END
$security$;

-- What the platform's providers take, whoever's question it is.
CREATE POLICY chat_sees_the_platforms ON provider_price FOR SELECT TO sightglass_chat
    USING (tenant_id = platform_tenant());

GRANT SELECT ON answer_record TO sightglass_api;
GRANT SELECT, INSERT, UPDATE (input_price, output_price), DELETE ON provider_price TO sightglass_api;

GRANT SELECT, INSERT ON answer_record TO sightglass_chat;
GRANT SELECT ON provider_price TO sightglass_chat;
GRANT UPDATE (key_id, bot_id, input_price, output_price) ON answer_use TO sightglass_chat;
GRANT UPDATE (first_told_at) ON turn TO sightglass_chat;
