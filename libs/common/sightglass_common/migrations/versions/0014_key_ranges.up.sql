-- A page is of a range of keys, so that several of one scan are listed side by side.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

ALTER TABLE scan_part
    -- Of a page without a token: it begins behind this key; NULL: at the beginning.
    ADD COLUMN after_key text,
    -- Of a page: its range ends with this key; NULL: at the end of the listing.
    ADD COLUMN upto_key text,
    -- Of a page: how many were listed of its range before it.
    ADD COLUMN pages bigint NOT NULL DEFAULT 0,
    -- Of a page: how many ranges its own may still become, itself included.
    ADD COLUMN shares bigint NOT NULL DEFAULT 1;
