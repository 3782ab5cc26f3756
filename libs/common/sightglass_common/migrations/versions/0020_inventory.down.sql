-- Scans of inventories that are not over begin anew, as scans of the bucket's listing.
UPDATE scan SET begun = false WHERE source = 'inventory';
DELETE FROM scan_part p USING scan s
WHERE s.tenant_id = p.tenant_id AND s.scan_id = p.scan_id AND s.source = 'inventory';
REVOKE UPDATE (inventory_manifest, inventory_at) ON scan FROM sightglass_scanner;
ALTER TABLE scan_part DROP COLUMN piece;
ALTER TABLE scan
    DROP COLUMN source,
    DROP COLUMN inventory_wanted,
    DROP COLUMN inventory_manifest,
    DROP COLUMN inventory_at;
