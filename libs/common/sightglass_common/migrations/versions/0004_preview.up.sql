-- What previews know of a video, and what they do not: who looks at key frames alone counts no frames.

SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

ALTER TABLE analysis
    -- {"key_frames", "longest_gap_us"}
    ADD COLUMN preview jsonb;

-- Only scenes of previews are without; a client that is older than this asks for no preview.
ALTER TABLE scene
    -- squawk-ignore ban-drop-not-null
    ALTER COLUMN first_frame DROP NOT NULL,
    -- squawk-ignore ban-drop-not-null
    ALTER COLUMN last_frame DROP NOT NULL;
