-- Whether a scan has pages left to list is asked with each look at its progress: not by way of all batches that wait.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

-- Made in the transaction of the revision: the table holds what is left of scans under way, and no more.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX scan_part_page ON scan_part (tenant_id, scan_id) WHERE kind = 'page';
