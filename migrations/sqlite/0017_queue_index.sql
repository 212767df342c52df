-- The queue is read from its front, and jobs of one status page by page, without a look at all of them.
DROP INDEX jobs_by_status;
CREATE INDEX jobs_by_status ON jobs (status, id);
CREATE INDEX jobs_by_queue ON jobs (status, created_at, id);
