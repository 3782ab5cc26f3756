ALTER TABLE finding DROP COLUMN detail;
