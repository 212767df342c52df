-- Times are milliseconds since 1970 (UTC) by the database's clock; positions are samples at 16 kHz.
CREATE TABLE jobs (
    id                   VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY NOT NULL,
    job_type             LONGTEXT NOT NULL,
    status               VARCHAR(16) NOT NULL,
    title                LONGTEXT NOT NULL,
    file_name            LONGTEXT NOT NULL,
    size_bytes           BIGINT NOT NULL,
    sha256               LONGTEXT NOT NULL,
    blob_key             LONGTEXT NOT NULL,
    options              LONGTEXT NOT NULL,
    metadata             LONGTEXT NOT NULL,
    room_id              LONGTEXT,
    member_id            LONGTEXT,
    duration_ms          BIGINT,
    language             LONGTEXT,
    language_probability DOUBLE,
    speech_model         LONGTEXT,
    segment_count        BIGINT NOT NULL DEFAULT 0,
    stage                LONGTEXT NOT NULL,
    progress             DOUBLE NOT NULL DEFAULT 0,
    eta_seconds          DOUBLE,
    failure_code         LONGTEXT,
    failure_message      LONGTEXT,
    last_event           BIGINT NOT NULL DEFAULT 0,
    -- Audio before this position is transcribed and saved.
    checkpoint           BIGINT NOT NULL DEFAULT 0,
    -- When all text was there.
    transcribed_at       BIGINT,
    -- Who works on it until when; the token grows with every claim and fences off those who came before.
    lease_owner          LONGTEXT,
    lease_until          BIGINT,
    lease_token          BIGINT NOT NULL DEFAULT 0,
    -- Leases that ran out since the checkpoint last moved.
    crashes              BIGINT NOT NULL DEFAULT 0,
    attempts             BIGINT NOT NULL DEFAULT 0,
    created_at           BIGINT NOT NULL,
    updated_at           BIGINT NOT NULL,
    finished_at          BIGINT
) CHARACTER SET utf8mb4;


CREATE INDEX jobs_by_status ON jobs (status);

CREATE TABLE segments (
    job_id   VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number   BIGINT NOT NULL,
    start_ms BIGINT NOT NULL,
    end_ms   BIGINT NOT NULL,
    body     LONGTEXT NOT NULL,
    PRIMARY KEY (job_id, number)
) CHARACTER SET utf8mb4;

CREATE TABLE events (
    job_id     VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    seq        BIGINT NOT NULL,
    payload    LONGTEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (job_id, seq)
) CHARACTER SET utf8mb4;

CREATE TABLE summaries (
    job_id     VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    version    BIGINT NOT NULL,
    minutes    LONGTEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (job_id, version)
) CHARACTER SET utf8mb4;

CREATE TABLE errors (
    job_id     VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number     BIGINT NOT NULL,
    service    LONGTEXT NOT NULL,
    code       LONGTEXT NOT NULL,
    message    LONGTEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (job_id, number)
) CHARACTER SET utf8mb4;

CREATE TABLE idempotency_keys (
    idempotency_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY NOT NULL,
    fingerprint     LONGTEXT NOT NULL,
    job_id          VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    created_at      BIGINT NOT NULL
) CHARACTER SET utf8mb4;
