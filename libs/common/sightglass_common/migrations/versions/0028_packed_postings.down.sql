DROP TABLE segment_signs;
ALTER TABLE posting
    NO FORCE ROW LEVEL SECURITY,
    ADD COLUMN numbers bigint[],
    ADD COLUMN counts integer[];
UPDATE posting SET (numbers, counts) = (
    SELECT array_agg(e.entry >> 20 ORDER BY e.place), array_agg((e.entry & 1048575)::integer ORDER BY e.place)
    FROM (SELECT place, ('x' || encode(substring(entries FROM place FOR 8), 'hex'))::bit(64)::bigint AS entry
          FROM generate_series(1, octet_length(entries), 8) AS place) AS e
);
ALTER TABLE posting
    FORCE ROW LEVEL SECURITY,
    ALTER COLUMN numbers SET NOT NULL,
    ALTER COLUMN counts SET NOT NULL,
    DROP COLUMN entries;
