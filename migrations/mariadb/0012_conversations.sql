-- Conversations with the assistant. What one is about is a topic, such as `job:` and the job's id.
CREATE TABLE conversations (
    id         VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY NOT NULL,
    subject    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at BIGINT NOT NULL
) CHARACTER SET utf8mb4;

CREATE INDEX conversations_by_subject ON conversations (subject);

-- What was said in them, as JSON.
CREATE TABLE messages (
    conversation_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    number          BIGINT NOT NULL,
    message         LONGTEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, number)
) CHARACTER SET utf8mb4;

-- The chat about a job becomes a conversation with the job's id.
INSERT INTO conversations (id, subject, created_at)
SELECT job_id, CONCAT('job:', job_id), MIN(created_at) FROM chat_messages GROUP BY job_id;

INSERT INTO messages (conversation_id, number, message, created_at)
SELECT job_id, number, message, created_at FROM chat_messages;

DROP TABLE chat_messages;
