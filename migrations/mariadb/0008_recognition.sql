-- What the speech model knows of a segment beyond its words, as JSON.
ALTER TABLE segments ADD COLUMN recognition LONGTEXT NOT NULL DEFAULT '{}';
