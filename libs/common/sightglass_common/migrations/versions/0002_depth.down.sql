-- What only the newer schema can hold goes: analyses of the preview tier, and kinds of boundary become cuts.
DROP TABLE artifact, track, screen_text;
DELETE FROM scene WHERE (tenant_id, analysis_id) IN (SELECT tenant_id, analysis_id FROM analysis WHERE tier = 'preview');
DELETE FROM analysis WHERE tier = 'preview';
UPDATE scene SET boundary_kind = 'fade' WHERE boundary_kind IN ('fade_in', 'fade_out');
UPDATE scene SET boundary_kind = 'cut' WHERE boundary_kind = 'dissolve';
ALTER TABLE scene
    DROP COLUMN motion_kind, DROP COLUMN motion_mean, DROP COLUMN motion_p95,
    DROP CONSTRAINT scene_boundary_kind_known,
    ADD CONSTRAINT scene_boundary_kind_check CHECK (boundary_kind IN ('start', 'cut', 'fade'));
ALTER TABLE analysis
    DROP COLUMN analyser_version, DROP COLUMN partial_reason, DROP COLUMN text_coverage, DROP COLUMN score,
    DROP CONSTRAINT analysis_tier_known,
    ADD CONSTRAINT analysis_tier_check CHECK (tier IN ('exact'));
