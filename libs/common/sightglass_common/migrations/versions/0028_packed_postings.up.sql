-- Postings as they are ranked: packed, so that a search reads them as one array. And the signs of vectors, by
-- which those are found that are worth comparing.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

-- Each segment that has the word, in order: eight bytes from the highest bit, 43 of its number, ten of how often the
-- word is there, ten of how many words it has.
ALTER TABLE posting
    NO FORCE ROW LEVEL SECURITY,
    ADD COLUMN entries bytea;
UPDATE posting SET entries = (
    SELECT string_agg(int8send((u.number << 20) | u.count), '' ORDER BY u.number)
    FROM unnest(numbers, counts) AS u (number, count)
);
ALTER TABLE posting
    FORCE ROW LEVEL SECURITY,
    -- Read whole by every search, so nothing is gained by compressing it.
    ALTER COLUMN entries SET STORAGE EXTERNAL,
    -- squawk-ignore adding-not-nullable-field
    ALTER COLUMN entries SET NOT NULL,
    -- squawk-ignore ban-drop-column
    DROP COLUMN numbers,
    -- squawk-ignore ban-drop-column
    DROP COLUMN counts;

-- Of segments in order: eight bytes of the number, and for each of the 384 numbers of its vector a bit, 1 above zero.
CREATE TABLE segment_signs (
    tenant_id uuid NOT NULL,
    dataset_id uuid NOT NULL,
    first_number bigint NOT NULL,
    entries bytea STORAGE EXTERNAL NOT NULL,
    PRIMARY KEY (tenant_id, dataset_id, first_number),
    FOREIGN KEY (tenant_id, dataset_id) REFERENCES dataset
);
ALTER TABLE segment_vector NO FORCE ROW LEVEL SECURITY;
INSERT INTO segment_signs (tenant_id, dataset_id, first_number, entries)
SELECT tenant_id, dataset_id, min(number),
       string_agg(int8send(number) || substring(bit_send(binary_quantize(embedding)::bit(384)) FROM 5), ''
                  ORDER BY number)
FROM segment_vector GROUP BY tenant_id, dataset_id, number / 512;
ALTER TABLE segment_vector FORCE ROW LEVEL SECURITY;

ALTER TABLE segment_signs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON segment_signs USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());

GRANT SELECT, UPDATE, DELETE ON segment_signs TO sightglass_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON segment_signs TO sightglass_chat;
