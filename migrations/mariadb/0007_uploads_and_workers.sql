-- Uploads that come in pieces. Times are milliseconds since 1970 (UTC) by the database's clock.
CREATE TABLE uploads (
    id              VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY NOT NULL,
    file_name       LONGTEXT NOT NULL,
    -- The text fields that came with it.
    fields          LONGTEXT NOT NULL,
    -- Size of the whole recording, once known.
    size_bytes      BIGINT,
    received        BIGINT NOT NULL DEFAULT 0,
    -- The job that it became.
    job_id          VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin,
    -- Until when somebody puts the parts together.
    finishing_until BIGINT,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
) CHARACTER SET utf8mb4;

CREATE INDEX uploads_by_expiry ON uploads (expires_at);

-- A part's row is there before its blob is, so that no blob is ever forgotten.
CREATE TABLE upload_parts (
    blob_key   VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY NOT NULL,
    upload_id  VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    -- Where it belongs and how long it is, once it counts.
    start_byte BIGINT,
    size_bytes BIGINT
) CHARACTER SET utf8mb4;

CREATE INDEX upload_parts_by_upload ON upload_parts (upload_id);

-- Workers that run, as they say of themselves.
CREATE TABLE workers (
    id         VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY NOT NULL,
    about      LONGTEXT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL
) CHARACTER SET utf8mb4;

-- When its worker took it.
ALTER TABLE jobs ADD COLUMN claimed_at BIGINT;
