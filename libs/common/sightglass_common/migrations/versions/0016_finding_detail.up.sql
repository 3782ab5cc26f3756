-- What a detector knows of a value besides: the AWS account of a key id. Nothing of the value that its mask hides.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

ALTER TABLE finding ADD COLUMN detail text NOT NULL DEFAULT '';
