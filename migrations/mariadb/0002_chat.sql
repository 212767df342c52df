-- Questions about a job and their answers, as JSON.
CREATE TABLE chat_messages (
    job_id     VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number     BIGINT NOT NULL,
    message    LONGTEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (job_id, number)
) CHARACTER SET utf8mb4;
