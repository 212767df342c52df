//! Databases with as many rows as one likes.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use relay::bus::InProcessBus;
use store::Store;
use test_servers::{MariaDb, Postgres};

/// Time that a statement may take here.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(3600);

/// Rows that one statement makes.
const ROWS_PER_STATEMENT: usize = 100_000;

/// A database server.
pub enum Server {
    /// PostgreSQL.
    Postgres(Postgres),
    /// MariaDB.
    MariaDb(MariaDb),
}

impl Server {
    /// Starts PostgreSQL.
    pub fn postgres() -> Self {
        Self::Postgres(Postgres::start())
    }

    /// Starts MariaDB.
    pub fn mariadb() -> Self {
        Self::MariaDb(MariaDb::start())
    }

    /// What it is called.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "PostgreSQL",
            Self::MariaDb(_) => "MariaDB",
        }
    }

    /// A new database with the tables of this version: its URL, and the store in it.
    pub async fn database(&self) -> Result<(String, Store)> {
        let url = match self {
            Self::Postgres(server) => server.database(),
            Self::MariaDb(server) => server.database(),
        };
        let store = Store::connect(&url, 4, STATEMENT_TIMEOUT, Arc::new(InProcessBus::default())).await?;
        store.migrate().await?;
        Ok((url, store))
    }

    fn execute(&self, url: &str, sql: &str) {
        match self {
            Self::Postgres(server) => server.execute(url, sql),
            Self::MariaDb(server) => server.execute(url, sql),
        }
    }

    /// Numbers as a table with the column `n`.
    fn numbers(&self, first: usize, last: usize) -> String {
        match self {
            Self::Postgres(_) => format!("generate_series({first}, {last}) AS numbers(n)"),
            Self::MariaDb(_) => format!("(SELECT seq AS n FROM seq_{first}_to_{last}) AS numbers"),
        }
    }

    /// The id of job number `n`.
    fn job_id(&self) -> &'static str {
        match self {
            Self::Postgres(_) => {
                "CONCAT(LPAD(TO_HEX(n), 8, '0'), '-0000-7000-8000-', LPAD(TO_HEX(n), 12, '0'))"
            }
            Self::MariaDb(_) => {
                "CONCAT(LPAD(LOWER(HEX(n)), 8, '0'), '-0000-7000-8000-', LPAD(LOWER(HEX(n)), 12, '0'))"
            }
        }
    }

    /// Adds jobs number `first` to `last`, one in a thousand of which failed if they are completed, and each hundredth
    /// has a tag.
    pub fn add_jobs(&self, url: &str, first: usize, last: usize, status: &str) {
        let (id, finished) = (self.job_id(), if status == "PENDING" { "NULL" } else { "1700000000000 + n" });
        self.in_parts(url, first, last, |numbers| {
            format!(
                "INSERT INTO jobs (id, job_type, status, title, file_name, size_bytes, sha256, blob_key, options, metadata, \
                 stage, created_at, updated_at, finished_at) \
                 SELECT {id}, 'BATCH', CASE WHEN '{status}' = 'COMPLETED' AND n % 1000 = 0 THEN 'FAILED' ELSE '{status}' END, \
                 CONCAT('Meeting number ', n), 'meeting.m4a', 1000000, '00', CONCAT('recordings/', n), '{{}}', '{{}}', \
                 'queued', 1700000000000 + n, 1700000000000 + n, {finished} FROM {numbers}; \
                 INSERT INTO job_tags (job_id, tag) SELECT {id}, 'board' FROM {numbers} WHERE n % 100 = 0;"
            )
        });
    }

    /// Adds `segments` segments to each of the jobs up to number `last`.
    pub fn add_segments(&self, url: &str, last: usize, segments: usize) {
        let id = self.job_id();
        self.in_parts(url, 1, last, |numbers| {
            let segment = |number: usize| {
                let start = number * 5000;
                format!(
                    "INSERT INTO segments (job_id, number, start_ms, end_ms, body) SELECT {id}, {number}, {start}, \
                     {start} + 4000, CONCAT('We spoke about the budget of the quarter, and about project ', n * {number}, \
                     ', which goes on.') FROM {numbers};"
                )
            };
            (1..=segments).map(segment).collect::<Vec<_>>().join(" ")
        });
    }

    /// Lets the database look at what there is now, as it does by itself after a while.
    pub fn analyze(&self, url: &str) {
        match self {
            Self::Postgres(_) => self.execute(url, "VACUUM ANALYZE"),
            Self::MariaDb(_) => self.execute(url, "ANALYZE TABLE jobs, segments, job_tags"),
        }
    }

    fn in_parts(&self, url: &str, first: usize, last: usize, statements: impl Fn(&str) -> String) {
        for first in (first..=last).step_by(ROWS_PER_STATEMENT) {
            let numbers = self.numbers(first, last.min(first + ROWS_PER_STATEMENT - 1));
            self.execute(url, &statements(&numbers));
        }
    }
}
