DROP TABLE scan_look;
ALTER TABLE scan
    DROP COLUMN incremental,
    DROP COLUMN sample_share,
    DROP COLUMN sample_seed;
