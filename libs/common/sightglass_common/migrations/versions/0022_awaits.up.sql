-- Who waits for a job that the reconciler ends is told by it, as by any other who ends one.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

GRANT SELECT (awaits) ON scan_part TO sightglass_relay;
