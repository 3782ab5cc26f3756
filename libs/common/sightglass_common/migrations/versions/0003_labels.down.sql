DROP TABLE label_cache, scene_label;
ALTER TABLE analysis DROP COLUMN labels;
