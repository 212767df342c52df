//! What is read of one job.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Store, StoreError,
    rows::{self, JobRow, SEGMENTS, SegmentRow},
};
use shared::{
    job::{Job, JobId, JobStatus},
    minutes::Minutes,
    segment::Segment,
};

/// An error noted while a job was worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct JobError {
    /// Part of the program it came from.
    pub service: String,
    /// Stable code in snake case.
    pub code: String,
    /// One sentence for people.
    pub message: String,
    /// Milliseconds since 1970 (UTC).
    pub created_at: i64,
}

rows::from_row!(JobError { service, code, message, created_at });

impl Store {
    /// The job.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn job(&self, id: JobId) -> Result<Job, StoreError> {
        let row: Option<JobRow> = sqlx::query_as(self.dialect.sql("SELECT * FROM jobs WHERE id = ?"))
            .bind(id.to_string())
            .fetch_optional(&self.readers)
            .await?;
        let mut job: Job = row.ok_or(StoreError::NotFound(id))?.try_into()?;
        if job.status == JobStatus::Pending {
            job.progress.queue_position = Some(self.queue_places(Duration::ZERO).await?.of(id));
        }
        Ok(job)
    }

    /// The job's segments, as edited, in the order of time.
    pub async fn segments(&self, id: JobId) -> Result<Vec<Segment>, StoreError> {
        let rows: Vec<SegmentRow> =
            sqlx::query_as(self.dialect.sql(SEGMENTS)).bind(id.to_string()).fetch_all(&self.readers).await?;
        rows.into_iter().map(Segment::try_from).collect()
    }

    /// Every version of the job's minutes, the newest last.
    pub async fn minutes(&self, id: JobId) -> Result<Vec<Minutes>, StoreError> {
        let select = "SELECT minutes, transcript_revision FROM summaries JOIN jobs ON jobs.id = job_id \
                      WHERE job_id = ? ORDER BY version";
        let rows: Vec<(String, i64)> =
            sqlx::query_as(self.dialect.sql(select)).bind(id.to_string()).fetch_all(&self.readers).await?;
        rows.into_iter().map(rows::minutes).collect()
    }

    /// Errors noted while the job was worked on, in order.
    pub async fn errors(&self, id: JobId) -> Result<Vec<JobError>, StoreError> {
        let select = "SELECT service, code, message, created_at FROM errors WHERE job_id = ? ORDER BY number";
        Ok(sqlx::query_as(self.dialect.sql(select)).bind(id.to_string()).fetch_all(&self.readers).await?)
    }
}
