-- Conversations with the assistant. What one is about is a topic, such as `job:` and the job's id.
CREATE TABLE conversations (
    id         TEXT PRIMARY KEY NOT NULL,
    subject    TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX conversations_by_subject ON conversations (subject);

-- What was said in them, as JSON.
CREATE TABLE messages (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    number          BIGINT NOT NULL,
    message         TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, number)
);

-- The chat about a job becomes a conversation with the job's id.
INSERT INTO conversations (id, subject, created_at)
SELECT job_id, 'job:' || job_id, MIN(created_at) FROM chat_messages GROUP BY job_id;

INSERT INTO messages (conversation_id, number, message, created_at)
SELECT job_id, number, message, created_at FROM chat_messages;

DROP TABLE chat_messages;
