-- Recordings on storage that belong to no job: of uploads under way, and of jobs that were deleted.
CREATE TABLE loose_blobs (
    blob_key     VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY NOT NULL,
    -- What names an upload under way to an object store.
    upload_id    LONGTEXT,
    -- From when on it may be deleted: milliseconds since 1970 by the database's clock.
    delete_after BIGINT NOT NULL
) CHARACTER SET utf8mb4;

CREATE INDEX loose_blobs_by_time ON loose_blobs (delete_after);
CREATE INDEX jobs_by_end ON jobs (finished_at);
