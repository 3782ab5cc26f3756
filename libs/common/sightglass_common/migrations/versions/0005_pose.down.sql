ALTER TABLE analysis DROP COLUMN pose_coverage;
