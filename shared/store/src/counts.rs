//! Counts jobs and uploads.

use std::time::Duration;

use super::{Store, StoreError, lease::free, rows};
use shared::{
    counts::JobCounts,
    job::{JobId, JobStatus},
};

impl Store {
    /// Counts jobs and uploads.
    pub async fn counts(&self) -> Result<JobCounts, StoreError> {
        // Sums are decimals in some databases.
        let select = "SELECT status, COUNT(*), CAST(SUM(size_bytes) AS {bigint}), MIN(created_at) FROM jobs GROUP BY status";
        let counted: Vec<(String, i64, i64, i64)> =
            sqlx::query_as(self.dialect.sql(select)).fetch_all(&self.readers).await?;
        let mut jobs: Vec<(JobStatus, u64)> = JobStatus::ALL.iter().map(|status| (*status, 0)).collect();
        let (mut recording_bytes, mut oldest_pending_at) = (0, None);
        for (status, count, bytes, oldest) in counted {
            let status: JobStatus = rows::word("job status", &status)?;
            let known = jobs.iter_mut().filter(|(known, _)| *known == status);
            known.for_each(|(_, jobs)| *jobs = count.cast_unsigned());
            recording_bytes += bytes.cast_unsigned();
            oldest_pending_at = oldest_pending_at.or((status == JobStatus::Pending).then_some(oldest));
        }
        let select = format!(
            "SELECT COUNT(*), {{now}} - COALESCE(MIN(created_at), {{now}}) FROM jobs WHERE {}",
            free::<JobId>()
        );
        let (waiting, oldest) = self.two(&select).await?;
        let select = "SELECT COUNT(*), CAST(COALESCE(SUM(received), 0) AS {bigint}) FROM uploads \
                      WHERE job_id IS NULL AND expires_at > {now}";
        let (uploads, upload_bytes) = self.two(select).await?;
        let oldest = Duration::from_millis(oldest);
        Ok(JobCounts { jobs, waiting, oldest, oldest_pending_at, recording_bytes, uploads, upload_bytes })
    }

    /// Two numbers, of which none is below nothing.
    async fn two(&self, select: &str) -> Result<(u64, u64), StoreError> {
        let (one, other): (i64, i64) =
            sqlx::query_as(self.dialect.sql(select)).fetch_one(&self.readers).await?;
        Ok((one.max(0).cast_unsigned(), other.max(0).cast_unsigned()))
    }
}
