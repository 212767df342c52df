//! What is counted over all jobs.

use std::time::Duration;

use super::{Store, StoreError, claim::FREE, rows};
use crate::job::JobStatus;

/// How many jobs there are, and how many wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Census {
    /// Jobs by status; every status is there.
    pub jobs: Vec<(JobStatus, i64)>,
    /// Jobs that no worker holds and that are not finished.
    pub waiting: i64,
    /// Since when the oldest of these is there.
    pub oldest: Duration,
}

impl Store {
    /// Counts the jobs.
    pub async fn census(&self) -> Result<Census, StoreError> {
        let select = "SELECT status, COUNT(*) FROM jobs GROUP BY status";
        let counted: Vec<(String, i64)> =
            sqlx::query_as(self.dialect.sql(select)).fetch_all(&self.readers).await?;
        let mut jobs: Vec<(JobStatus, i64)> = JobStatus::ALL.iter().map(|status| (*status, 0)).collect();
        for (status, count) in counted {
            let status: JobStatus = rows::word("job status", &status)?;
            jobs.iter_mut().filter(|(known, _)| *known == status).for_each(|(_, jobs)| *jobs = count);
        }
        let select =
            format!("SELECT COUNT(*), {{now}} - COALESCE(MIN(created_at), {{now}}) FROM jobs WHERE {FREE}");
        let (waiting, oldest): (i64, i64) =
            sqlx::query_as(self.dialect.sql(&select)).fetch_one(&self.readers).await?;
        Ok(Census { jobs, waiting, oldest: Duration::from_millis(oldest.max(0).cast_unsigned()) })
    }
}
