-- One row that is written and read back to see whether what is stored is there.
CREATE TABLE readiness (
    id     BIGINT PRIMARY KEY NOT NULL,
    checks BIGINT NOT NULL
);

INSERT INTO readiness (id, checks) VALUES (1, 0);
