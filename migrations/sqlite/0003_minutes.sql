-- The version of the minutes that is shown.
ALTER TABLE jobs ADD COLUMN current_summary BIGINT;

UPDATE jobs SET current_summary = (SELECT MAX(version) FROM summaries WHERE job_id = jobs.id);

-- Minutes that are to be written, the oldest first; a row goes when its minutes are there or have failed for good.
CREATE TABLE summary_requests (
    job_id     TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number     BIGINT NOT NULL,
    options    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (job_id, number)
);

INSERT INTO summary_requests (job_id, number, options, created_at)
SELECT id, 1, '{}', updated_at FROM jobs WHERE transcribed_at IS NOT NULL AND status <> 'COMPLETED';
