-- In how many pictures of a video persons were looked for.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

ALTER TABLE analysis
    -- {"looks", "found", "failed", "reason"}; null where no poses were looked for.
    ADD COLUMN pose_coverage jsonb;
