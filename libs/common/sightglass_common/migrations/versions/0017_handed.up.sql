-- What a scan hands on to others, a film to be analysed: a part of the scan, whose message waits until that job is over.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

ALTER TABLE scan
    -- Whether films are handed on; else they are skipped.
    ADD COLUMN media boolean NOT NULL DEFAULT true;

-- A wider check takes the place of the one that is dropped, so no client loses a guarantee.
ALTER TABLE scan_part
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT scan_part_kind_check,
    ADD CONSTRAINT scan_part_kind_is_one CHECK (kind IN ('page', 'batch', 'handed')) NOT VALID,
    -- The job that it waits for: its own is queued with `sends` 0 until that one is over.
    ADD COLUMN awaits uuid,
    -- What the object is, and what came of it so far: {"kind", "version", "etag", "read", "notes", "findings"}
    ADD COLUMN handed jsonb;

-- Rows of this table are of scans under way alone: it is small, and the lock short.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX scan_part_awaits ON scan_part (tenant_id, awaits) WHERE awaits IS NOT NULL;

ALTER TABLE analysis
    -- Asked for by scans, and by nobody else: when none of them waits for it any more, it is cancelled.
    ADD COLUMN for_scans boolean NOT NULL DEFAULT false;

GRANT UPDATE (for_scans) ON analysis TO sightglass_api;
GRANT INSERT ON video, analysis TO sightglass_scanner;
GRANT SELECT ON scan_part TO sightglass_worker;
