-- Jobs of ranges go; an analysis that waits for them is found by the reconciler, and begins anew.
DROP TABLE analysis_range;
REVOKE INSERT ON job FROM sightglass_worker;
DELETE FROM outbox WHERE (tenant_id, job_id) IN (SELECT tenant_id, job_id FROM job WHERE kind = 'range');
DELETE FROM job WHERE kind = 'range';
ALTER TABLE job
    DROP CONSTRAINT job_kind_known,
    ADD CONSTRAINT job_kind_check CHECK (kind IN ('analysis'));
