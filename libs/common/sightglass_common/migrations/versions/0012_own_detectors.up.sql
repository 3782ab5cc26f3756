-- A tenant's own detectors, what it never wants to be told, and thresholds by detector.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

CREATE TABLE own_detector (
    tenant_id uuid NOT NULL REFERENCES tenant,
    detector_id text NOT NULL,
    -- {"title", "pattern" or "words", "keywords", "within", "severity", "stop"}
    definition jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, detector_id)
);

CREATE TABLE detection_setting (
    tenant_id uuid NOT NULL REFERENCES tenant,
    -- {"allow": {"texts", "patterns", "paths"}, "min_confidence_of": {detector: 0..1}}
    settings jsonb NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id)
);

-- Both as they were when the scan was asked for: it keeps to these.
ALTER TABLE scan ADD COLUMN detection jsonb NOT NULL DEFAULT '{}';

DO $security$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['own_detector', 'detection_setting'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (tenant_id = current_tenant()) '
                       'WITH CHECK (tenant_id = current_tenant())', name);
    END LOOP;
END
$security$;

GRANT SELECT, INSERT, UPDATE, DELETE ON own_detector TO sightglass_api;
GRANT SELECT, INSERT, UPDATE ON detection_setting TO sightglass_api;
-- For the scans of schedules.
GRANT SELECT ON own_detector, detection_setting TO sightglass_relay;
