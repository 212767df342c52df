-- The log of events of every topic, such as `job:` and the job's id, numbered from 1 without gaps.
CREATE TABLE log (
    topic      TEXT NOT NULL,
    seq        BIGINT NOT NULL,
    payload    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (topic, seq)
);

INSERT INTO log (topic, seq, payload, created_at)
SELECT 'job:' || job_id, seq, payload, created_at FROM events;

DROP TABLE events;
