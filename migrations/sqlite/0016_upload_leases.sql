-- Whoever puts an upload's parts together holds a lease as workers do on jobs: with an owner, a length in milliseconds and
-- a token that grows. `finishing_until` was there before.
ALTER TABLE uploads ADD COLUMN finishing_owner TEXT;
ALTER TABLE uploads ADD COLUMN finishing_length BIGINT;
ALTER TABLE uploads ADD COLUMN finishing_token BIGINT NOT NULL DEFAULT 0;
