-- How long the lease runs that is held, in milliseconds: one that ends later than that from now was given by a clock that
-- was set back since.
ALTER TABLE jobs ADD COLUMN lease_length BIGINT;
