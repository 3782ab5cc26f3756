-- How many objects lie below each folder, for the share of those with findings: see docs/scans.md.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

-- Of two levels below the scan's own prefix, and while a folder has no more than 1,000 side by side in it: a row for
-- each object there may not be. `parent` ends with a slash, or is empty; the row named '/' is of the parent itself.
CREATE TABLE scan_folder (
    tenant_id uuid NOT NULL,
    scan_id uuid NOT NULL,
    parent text NOT NULL,
    name text NOT NULL,
    -- Listed and to be read: without those that the scan's filters leave out.
    objects bigint NOT NULL,
    PRIMARY KEY (tenant_id, scan_id, parent, name),
    FOREIGN KEY (tenant_id, scan_id) REFERENCES scan ON DELETE CASCADE
) WITH (fillfactor = 50);

ALTER TABLE scan_folder ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON scan_folder USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());

GRANT SELECT ON scan_folder TO sightglass_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON scan_folder TO sightglass_scanner;
