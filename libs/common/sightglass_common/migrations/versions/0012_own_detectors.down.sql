ALTER TABLE scan DROP COLUMN detection;
DROP TABLE own_detector, detection_setting;
