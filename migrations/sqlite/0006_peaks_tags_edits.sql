-- Whether the recording's waveform is in `peaks`.
ALTER TABLE jobs ADD COLUMN has_peaks BIGINT NOT NULL DEFAULT 0;
-- A list in JSON, as it is shown; `job_tags` has the same to search in.
ALTER TABLE jobs ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
-- Names the transcript as it stands: 0 as recognised, otherwise the newest of its edits.
ALTER TABLE jobs ADD COLUMN transcript_revision BIGINT NOT NULL DEFAULT 0;
-- The highest numbers that were ever given: none is given twice.
ALTER TABLE jobs ADD COLUMN last_edit BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN last_segment BIGINT NOT NULL DEFAULT 0;

ALTER TABLE segments ADD COLUMN speaker TEXT;
ALTER TABLE segments ADD COLUMN edited BIGINT NOT NULL DEFAULT 0;
-- Numbers of the segments that were merged into this one, as a list in JSON.
ALTER TABLE segments ADD COLUMN merged TEXT NOT NULL DEFAULT '[]';

-- The greatest amplitudes of so many samples (16 kHz) each, as two hexadecimal digits each.
CREATE TABLE peaks (
    job_id           TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    samples_per_peak BIGINT NOT NULL,
    amplitudes       TEXT NOT NULL,
    PRIMARY KEY (job_id)
);

CREATE TABLE job_tags (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    tag    TEXT NOT NULL,
    PRIMARY KEY (job_id, tag)
);

CREATE INDEX job_tags_by_tag ON job_tags (tag);

-- The segments as they were recognised, kept from the first edit on.
CREATE TABLE original_segments (
    job_id      TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number      BIGINT NOT NULL,
    start_ms    BIGINT NOT NULL,
    end_ms      BIGINT NOT NULL,
    body        TEXT NOT NULL,
    recognition TEXT NOT NULL,
    speaker     TEXT,
    PRIMARY KEY (job_id, number)
);

-- What was edited, as JSON. `previous` is the revision that it was made on.
CREATE TABLE edits (
    job_id   TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    revision BIGINT NOT NULL,
    previous BIGINT NOT NULL,
    undone   BIGINT NOT NULL DEFAULT 0,
    body     TEXT NOT NULL,
    PRIMARY KEY (job_id, revision)
);
