//! What people do to jobs: rename, cancel, retry. How they delete them stands in [`orphans`](super::orphans).

use super::{Store, StoreError, log, work};
use relay::bus::Notice;
use shared::{
    event::Event,
    job::{Failure, Job, JobId, JobStatus},
};

impl Store {
    /// Gives the job another title.
    pub async fn rename(&self, id: JobId, title: &str) -> Result<(), StoreError> {
        let update = "UPDATE jobs SET title = ?, updated_at = {now} WHERE id = ?";
        let renamed =
            self.query(update).bind(title.to_owned()).bind(id.to_string()).execute(&self.writer).await?;
        if renamed.rows_affected() == 0 { Err(StoreError::NotFound(id)) } else { Ok(()) }
    }

    /// Cancels a job that is not finished; one whose minutes exist is completed again. Its worker can write nothing from this moment on.
    pub async fn cancel(&self, id: JobId) -> Result<Job, StoreError> {
        let mut tx = self.writer.begin().await?;
        let update = "UPDATE jobs SET failure_code = NULL, updated_at = {now} \
                      WHERE id = ? AND status IN ('PENDING', 'PROCESSING', 'TRANSCRIBED')";
        let running = self.query(update).bind(id.to_string()).execute(&mut tx).await?;
        if running.rows_affected() == 0 {
            tx.rollback().await?;
            return Err(self.wrong_status(id, "cancelled").await);
        }
        let status = self.status_after_cancelling(&mut tx, id).await?;
        self.end(&mut tx, id, status).await?;
        let sentence = match status {
            JobStatus::Completed => {
                "The other version of the minutes was cancelled; those that were there are kept."
            }
            _ => "The job was cancelled; what had been transcribed is kept.",
        };
        let event = work::error_event(&Failure::new("cancelled", sentence), status);
        let logged = log::append(self, &mut tx, id, vec![event]).await?;
        tx.commit().await?;
        self.publish_logged(id, logged);
        self.bus.publish(id.into(), Notice::Stopped);
        self.job(id).await
    }

    /// Sets a failed or cancelled job going again: from its checkpoint, or from its transcript if that is whole.
    pub async fn retry(&self, id: JobId) -> Result<Job, StoreError> {
        let mut tx = self.writer.begin().await?;
        let update = "UPDATE jobs SET failure_code = NULL, failure_message = NULL, finished_at = NULL, crashes = 0, \
                      checkpoint = CASE WHEN segment_count = 0 THEN 0 ELSE checkpoint END, progress = 0, \
                      status = CASE WHEN transcribed_at IS NULL THEN 'PENDING' ELSE 'TRANSCRIBED' END \
                      WHERE id = ? AND status IN ('FAILED', 'CANCELLED')";
        let ended = self.query(update).bind(id.to_string()).execute(&mut tx).await?;
        if ended.rows_affected() == 0 {
            tx.rollback().await?;
            return Err(self.wrong_status(id, "retried").await);
        }
        let select = self.dialect.sql("SELECT status FROM jobs WHERE id = ?");
        let status: String = sqlx::query_scalar(select).bind(id.to_string()).fetch_one(&mut tx).await?;
        let event = Event::Status { status: super::rows::word("job status", &status)? };
        let logged = log::append(self, &mut tx, id, vec![event]).await?;
        tx.commit().await?;
        self.publish_logged(id, logged);
        self.job(id).await
    }

    /// Why a change was refused: there is no such job, or its status does not allow it.
    pub(super) async fn wrong_status(&self, id: JobId, action: &'static str) -> StoreError {
        match self.job(id).await {
            Ok(job) => StoreError::Status { id, status: job.status, action },
            Err(error) => error,
        }
    }
}
