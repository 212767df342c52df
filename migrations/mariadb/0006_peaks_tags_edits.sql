-- Whether the recording's waveform is in `peaks`.
ALTER TABLE jobs ADD COLUMN has_peaks BIGINT NOT NULL DEFAULT 0;
-- A list in JSON, as it is shown; `job_tags` has the same to search in.
ALTER TABLE jobs ADD COLUMN tags LONGTEXT NOT NULL DEFAULT '[]';
-- Names the transcript as it stands: 0 as recognised, otherwise the newest of its edits.
ALTER TABLE jobs ADD COLUMN transcript_revision BIGINT NOT NULL DEFAULT 0;
-- The highest numbers that were ever given: none is given twice.
ALTER TABLE jobs ADD COLUMN last_edit BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN last_segment BIGINT NOT NULL DEFAULT 0;

ALTER TABLE segments ADD COLUMN speaker LONGTEXT;
ALTER TABLE segments ADD COLUMN edited BIGINT NOT NULL DEFAULT 0;
-- Numbers of the segments that were merged into this one, as a list in JSON.
ALTER TABLE segments ADD COLUMN merged LONGTEXT NOT NULL DEFAULT '[]';

-- The greatest amplitudes of so many samples (16 kHz) each, as two hexadecimal digits each.
CREATE TABLE peaks (
    job_id           VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    samples_per_peak BIGINT NOT NULL,
    amplitudes       LONGTEXT NOT NULL,
    PRIMARY KEY (job_id)
) CHARACTER SET utf8mb4;

CREATE TABLE job_tags (
    job_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    tag    VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
    PRIMARY KEY (job_id, tag)
) CHARACTER SET utf8mb4;

CREATE INDEX job_tags_by_tag ON job_tags (tag);

-- The segments as they were recognised, kept from the first edit on.
CREATE TABLE original_segments (
    job_id      VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number      BIGINT NOT NULL,
    start_ms    BIGINT NOT NULL,
    end_ms      BIGINT NOT NULL,
    body        LONGTEXT NOT NULL,
    recognition LONGTEXT NOT NULL,
    speaker     LONGTEXT,
    PRIMARY KEY (job_id, number)
) CHARACTER SET utf8mb4;

-- What was edited, as JSON. `previous` is the revision that it was made on.
CREATE TABLE edits (
    job_id   VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    revision BIGINT NOT NULL,
    previous BIGINT NOT NULL,
    undone   BIGINT NOT NULL DEFAULT 0,
    body     LONGTEXT NOT NULL,
    PRIMARY KEY (job_id, revision)
) CHARACTER SET utf8mb4;
