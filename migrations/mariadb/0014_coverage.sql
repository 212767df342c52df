-- How much of the speech in the recording is in its text, as JSON; nothing until the first window is saved.
ALTER TABLE jobs ADD COLUMN coverage LONGTEXT;
