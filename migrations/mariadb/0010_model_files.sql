-- The file of a speech model that is none of the published ones: where it lay, and what was in it.
ALTER TABLE jobs ADD COLUMN speech_model_path LONGTEXT;
ALTER TABLE jobs ADD COLUMN speech_model_sha256 LONGTEXT;
