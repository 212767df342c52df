-- The log of events of every topic, such as `job:` and the job's id, numbered from 1 without gaps.
CREATE TABLE log (
    topic      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    seq        BIGINT NOT NULL,
    payload    LONGTEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (topic, seq)
) CHARACTER SET utf8mb4;

INSERT INTO log (topic, seq, payload, created_at)
SELECT CONCAT('job:', job_id), seq, payload, created_at FROM events;

DROP TABLE events;
