-- Recordings on storage that belong to no job: of uploads under way, and of jobs that were deleted.
CREATE TABLE loose_blobs (
    blob_key     TEXT PRIMARY KEY NOT NULL,
    -- What names an upload under way to an object store.
    upload_id    TEXT,
    -- From when on it may be deleted: milliseconds since 1970 by the database's clock.
    delete_after BIGINT NOT NULL
);

CREATE INDEX loose_blobs_by_time ON loose_blobs (delete_after);
CREATE INDEX jobs_by_end ON jobs (finished_at);
