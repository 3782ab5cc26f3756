-- What only the newer schema can hold goes: the scenes of previews, and then the previews.
DELETE FROM scene WHERE (tenant_id, analysis_id) IN (SELECT tenant_id, analysis_id FROM analysis WHERE tier = 'preview');
DELETE FROM analysis WHERE tier = 'preview';
ALTER TABLE scene
    ALTER COLUMN first_frame SET NOT NULL,
    ALTER COLUMN last_frame SET NOT NULL;
ALTER TABLE analysis
    DROP COLUMN preview;
