-- Reveals: a value is read anew and handed over sealed; who asked for it is noted for good.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

-- Rows are added, and never changed. What was asked for need not exist, so nothing is referred to.
CREATE TABLE audit_entry (
    tenant_id uuid NOT NULL REFERENCES tenant,
    audit_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    key_id text NOT NULL,
    action text NOT NULL,
    -- The same for all entries about one call.
    call_id uuid NOT NULL,
    finding_id uuid NOT NULL,
    reason text NOT NULL,
    outcome text NOT NULL,
    PRIMARY KEY (tenant_id, audit_id)
);
CREATE INDEX audit_entry_time ON audit_entry (tenant_id, at DESC);

-- A question that the API waits for an answer to: some seconds old at most.
CREATE TABLE reveal (
    tenant_id uuid NOT NULL,
    reveal_id uuid NOT NULL,
    finding_id uuid NOT NULL,
    -- X25519. Its private half is in the memory of the process that asks, and nowhere else.
    public_key bytea NOT NULL CHECK (length(public_key) = 32),
    -- Sealed to that key.
    answer bytea,
    error_code text,
    asked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, reveal_id),
    FOREIGN KEY (tenant_id, finding_id) REFERENCES finding ON DELETE CASCADE
);
CREATE INDEX reveal_of_finding ON reveal (tenant_id, finding_id);

DO $security$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['audit_entry', 'reveal'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END
$security$;
CREATE POLICY relay_forgets_all ON reveal TO sightglass_relay USING (true) WITH CHECK (false);

GRANT SELECT, INSERT ON audit_entry TO sightglass_api;
GRANT SELECT, INSERT, DELETE ON reveal TO sightglass_api;
GRANT SELECT, UPDATE (answer, error_code) ON reveal TO sightglass_scanner;
GRANT SELECT, DELETE ON reveal TO sightglass_relay;
