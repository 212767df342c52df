-- Times are milliseconds since 1970 (UTC) by the database's clock; positions are samples at 16 kHz.
CREATE TABLE jobs (
    id                   TEXT PRIMARY KEY NOT NULL,
    job_type             TEXT NOT NULL,
    status               TEXT NOT NULL,
    title                TEXT NOT NULL,
    file_name            TEXT NOT NULL,
    size_bytes           BIGINT NOT NULL,
    sha256               TEXT NOT NULL,
    blob_key             TEXT NOT NULL,
    options              TEXT NOT NULL,
    metadata             TEXT NOT NULL,
    room_id              TEXT,
    member_id            TEXT,
    duration_ms          BIGINT,
    language             TEXT,
    language_probability DOUBLE PRECISION,
    speech_model         TEXT,
    segment_count        BIGINT NOT NULL DEFAULT 0,
    stage                TEXT NOT NULL,
    progress             DOUBLE PRECISION NOT NULL DEFAULT 0,
    eta_seconds          DOUBLE PRECISION,
    failure_code         TEXT,
    failure_message      TEXT,
    last_event           BIGINT NOT NULL DEFAULT 0,
    -- Audio before this position is transcribed and saved.
    checkpoint           BIGINT NOT NULL DEFAULT 0,
    -- When all text was there.
    transcribed_at       BIGINT,
    -- Who works on it until when; the token grows with every claim and fences off those who came before.
    lease_owner          TEXT,
    lease_until          BIGINT,
    lease_token          BIGINT NOT NULL DEFAULT 0,
    -- Leases that ran out since the checkpoint last moved.
    crashes              BIGINT NOT NULL DEFAULT 0,
    attempts             BIGINT NOT NULL DEFAULT 0,
    created_at           BIGINT NOT NULL,
    updated_at           BIGINT NOT NULL,
    finished_at          BIGINT
);


CREATE INDEX jobs_by_status ON jobs (status);

CREATE TABLE segments (
    job_id   TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number   BIGINT NOT NULL,
    start_ms BIGINT NOT NULL,
    end_ms   BIGINT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (job_id, number)
);

CREATE TABLE events (
    job_id     TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    seq        BIGINT NOT NULL,
    payload    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (job_id, seq)
);

CREATE TABLE summaries (
    job_id     TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    version    BIGINT NOT NULL,
    minutes    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (job_id, version)
);

CREATE TABLE errors (
    job_id     TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number     BIGINT NOT NULL,
    service    TEXT NOT NULL,
    code       TEXT NOT NULL,
    message    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (job_id, number)
);

CREATE TABLE idempotency_keys (
    idempotency_key TEXT PRIMARY KEY NOT NULL,
    fingerprint     TEXT NOT NULL,
    job_id          TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    created_at      BIGINT NOT NULL
);
