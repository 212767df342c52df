//! Versions of a job's minutes: asked for, written one after the other, and one of them shown.
//!
//! A job whose minutes exist stays a completed one: while another version is written it is `TRANSCRIBED` for a time,
//! and whether that version comes, fails, crashes its worker or is cancelled, the job is `COMPLETED` again.

use super::{Lease, Store, StoreError, log, pool::Transaction, rows};
use shared::{
    event::Event,
    job::{Job, JobId, JobOptions, JobStatus, Progress, Stage, SummaryOptions},
    minutes::Minutes,
};

impl Store {
    /// Asks for another version of the minutes; at most `most_waiting` may wait to be written. A job whose minutes
    /// failed or were cancelled gets these instead.
    ///
    /// # Errors
    /// [`StoreError::Status`] while the transcript is not whole, [`StoreError::SummariesWaiting`] when there are too many.
    pub async fn request_summary(
        &self,
        id: JobId,
        asked: &SummaryOptions,
        most_waiting: u32,
    ) -> Result<Job, StoreError> {
        let mut tx = self.writer.begin().await?;
        let update = "UPDATE jobs SET updated_at = {now} WHERE id = ? AND transcribed_at IS NOT NULL";
        if self.query(update).bind(id.to_string()).execute(&mut tx).await?.rows_affected() == 0 {
            tx.rollback().await?;
            return Err(self.wrong_status(id, "summed up yet").await);
        }
        let select = self.dialect.sql("SELECT status FROM jobs WHERE id = ?");
        let status: String = sqlx::query_scalar(select).bind(id.to_string()).fetch_one(&mut tx).await?;
        let events = match rows::word("job status", &status)? {
            JobStatus::Transcribed
                if self.waiting_summaries(&mut tx, id).await? >= i64::from(most_waiting) =>
            {
                return Err(StoreError::SummariesWaiting { id, most: most_waiting });
            }
            JobStatus::Transcribed => Vec::new(),
            _ => {
                // What is left here failed or was cancelled.
                self.drop_requests(&mut tx, id).await?;
                self.set_going(&mut tx, id).await?;
                vec![Event::Status { status: JobStatus::Transcribed }]
            }
        };
        self.add_request(&mut tx, id, asked).await?;
        let logged = log::append(self, &mut tx, id, events).await?;
        tx.commit().await?;
        self.publish_logged(id, logged);
        self.job(id).await
    }

    /// How the minutes that are to be written next are wanted; none if all that were asked for are there.
    pub async fn requested_summary(&self, id: JobId) -> Result<Option<SummaryOptions>, StoreError> {
        let select = "SELECT options FROM summary_requests WHERE job_id = ? ORDER BY number LIMIT 1";
        let row: Option<String> = sqlx::query_scalar(self.dialect.sql(select))
            .bind(id.to_string())
            .fetch_optional(&self.readers)
            .await?;
        row.map(|text| rows::json("wish for minutes", &text)).transpose()
    }

    /// Saves the minutes as the job's newest version, which is the one that is shown from now on. The job is completed
    /// unless other minutes wait to be written; its status is given back.
    pub async fn complete(&self, lease: &Lease, mut minutes: Minutes) -> Result<JobStatus, StoreError> {
        let mut tx = self.fenced(lease).await?;
        let id = lease.id.to_string();
        let select = "SELECT COALESCE(MAX(version), 0) + 1, {now} FROM summaries WHERE job_id = ?";
        let (version, now): (i64, i64) =
            sqlx::query_as(self.dialect.sql(select)).bind(id.clone()).fetch_one(&mut tx).await?;
        (minutes.version, minutes.created_at) = (version.cast_unsigned(), now);
        self.query("INSERT INTO summaries (job_id, version, minutes, created_at) VALUES (?, ?, ?, ?)")
            .bind(id.clone())
            .bind(version)
            .bind(serde_json::json!(minutes).to_string())
            .bind(now)
            .execute(&mut tx)
            .await?;
        self.query("UPDATE jobs SET current_summary = ?, crashes = 0 WHERE id = ?")
            .bind(version)
            .bind(id.clone())
            .execute(&mut tx)
            .await?;
        let status = self.after_request(&mut tx, lease.id).await?;
        if status.is_final() {
            self.end(&mut tx, lease.id, status).await?;
        }
        let select = self.dialect.sql("SELECT segment_count FROM jobs WHERE id = ?");
        let segments: i64 = sqlx::query_scalar(select).bind(id).fetch_one(&mut tx).await?;
        let (summary, segment_count) = (Box::new(minutes), segments.cast_unsigned());
        self.commit_with(tx, lease.id, vec![Event::FinalSummary { summary, segment_count, status }]).await?;
        Ok(status)
    }

    /// Makes this version of the job's minutes the one that is shown, and tells so unless it was before.
    ///
    /// # Errors
    /// [`StoreError::NoSummary`] if there is no such version.
    pub async fn choose_summary(&self, id: JobId, version: u64) -> Result<(), StoreError> {
        let mut tx = self.writer.begin().await?;
        let update = "UPDATE jobs SET current_summary = ?, updated_at = {now} WHERE id = ? AND current_summary <> ? \
                      AND EXISTS (SELECT 1 FROM summaries WHERE job_id = jobs.id AND version = ?)";
        let (number, name) = (i64::try_from(version).unwrap_or(i64::MAX), id.to_string());
        let update = self.query(update).bind(number).bind(name.clone()).bind(number).bind(number);
        if update.execute(&mut tx).await?.rows_affected() == 0 {
            tx.rollback().await?;
            let shown = self.job(id).await?.current_summary == Some(version);
            return if shown { Ok(()) } else { Err(StoreError::NoSummary { id, version: Some(version) }) };
        }
        let select = self.dialect.sql("SELECT status FROM jobs WHERE id = ?");
        let status: String = sqlx::query_scalar(select).bind(name).fetch_one(&mut tx).await?;
        let status = rows::word("job status", &status)?;
        self.commit_with(tx, id, vec![Event::SummaryChosen { version, status }]).await
    }

    /// This version of the job's minutes, or the one that is shown.
    ///
    /// # Errors
    /// [`StoreError::NoSummary`] if there is no such version, or none at all.
    pub async fn summary(&self, id: JobId, version: Option<u64>) -> Result<Minutes, StoreError> {
        let chosen = match version {
            Some(version) => Some(version),
            None => self.job(id).await?.current_summary,
        };
        let number = chosen.and_then(|version| i64::try_from(version).ok()).unwrap_or(0);
        let select = "SELECT minutes, transcript_revision FROM summaries JOIN jobs ON jobs.id = job_id \
                      WHERE job_id = ? AND version = ?";
        let row: Option<(String, i64)> = sqlx::query_as(self.dialect.sql(select))
            .bind(id.to_string())
            .bind(number)
            .fetch_optional(&self.readers)
            .await?;
        match row {
            Some(row) => rows::minutes(row),
            None => {
                self.job(id).await?;
                Err(StoreError::NoSummary { id, version })
            }
        }
    }

    /// Puts down that the minutes which the upload asked for are to be written.
    pub(super) async fn request_first(&self, tx: &mut Transaction, id: JobId) -> Result<(), StoreError> {
        let select = self.dialect.sql("SELECT options FROM jobs WHERE id = ?");
        let options: String = sqlx::query_scalar(select).bind(id.to_string()).fetch_one(&mut *tx).await?;
        let options: JobOptions = rows::json("job's options", &options)?;
        self.add_request(tx, id, &options.summary).await
    }

    /// What becomes of a job that fails: with minutes it stays completed, or goes on with the next that are wanted.
    pub(super) async fn status_after_failure(
        &self,
        tx: &mut Transaction,
        id: JobId,
    ) -> Result<JobStatus, StoreError> {
        if self.has_minutes(tx, id).await? { self.after_request(tx, id).await } else { Ok(JobStatus::Failed) }
    }

    /// What becomes of a job that is cancelled: with minutes it stays completed, and no others are wanted any more.
    pub(super) async fn status_after_cancelling(
        &self,
        tx: &mut Transaction,
        id: JobId,
    ) -> Result<JobStatus, StoreError> {
        if !self.has_minutes(tx, id).await? {
            return Ok(JobStatus::Cancelled);
        }
        self.drop_requests(tx, id).await?;
        self.after_request(tx, id).await
    }

    async fn has_minutes(&self, tx: &mut Transaction, id: JobId) -> Result<bool, StoreError> {
        let select = self.dialect.sql("SELECT COUNT(*) FROM summaries WHERE job_id = ?");
        let versions: i64 = sqlx::query_scalar(select).bind(id.to_string()).fetch_one(&mut *tx).await?;
        Ok(versions > 0)
    }

    async fn add_request(
        &self,
        tx: &mut Transaction,
        id: JobId,
        asked: &SummaryOptions,
    ) -> Result<(), StoreError> {
        let insert = "INSERT INTO summary_requests (job_id, number, options, created_at) \
                      SELECT ?, COALESCE(MAX(number), 0) + 1, ?, {now} FROM summary_requests WHERE job_id = ?";
        let insert = self.query(insert).bind(id.to_string()).bind(serde_json::json!(asked).to_string());
        insert.bind(id.to_string()).execute(&mut *tx).await?;
        Ok(())
    }

    async fn waiting_summaries(&self, tx: &mut Transaction, id: JobId) -> Result<i64, StoreError> {
        let select = self.dialect.sql("SELECT COUNT(*) FROM summary_requests WHERE job_id = ?");
        Ok(sqlx::query_scalar(select).bind(id.to_string()).fetch_one(&mut *tx).await?)
    }

    async fn drop_requests(&self, tx: &mut Transaction, id: JobId) -> Result<(), StoreError> {
        let delete = "DELETE FROM summary_requests WHERE job_id = ?";
        self.query(delete).bind(id.to_string()).execute(&mut *tx).await?;
        Ok(())
    }

    async fn set_going(&self, tx: &mut Transaction, id: JobId) -> Result<(), StoreError> {
        let update = "UPDATE jobs SET status = 'TRANSCRIBED', failure_code = NULL, failure_message = NULL, crashes = 0, \
                      finished_at = NULL WHERE id = ?";
        self.query(update).bind(id.to_string()).execute(&mut *tx).await?;
        self.set_progress(tx, id, Progress::at(Stage::Summarising, 0.0)).await
    }

    /// Takes the oldest wish off, which is fulfilled or given up, and gives the status that the job is left with.
    async fn after_request(&self, tx: &mut Transaction, id: JobId) -> Result<JobStatus, StoreError> {
        let select = "SELECT COALESCE(MIN(number), 0) FROM summary_requests WHERE job_id = ?";
        let oldest: i64 =
            sqlx::query_scalar(self.dialect.sql(select)).bind(id.to_string()).fetch_one(&mut *tx).await?;
        let delete = self.query("DELETE FROM summary_requests WHERE job_id = ? AND number = ?");
        delete.bind(id.to_string()).bind(oldest).execute(&mut *tx).await?;
        let (status, progress) = match self.waiting_summaries(tx, id).await? {
            0 => (JobStatus::Completed, Progress::at(Stage::Done, 1.0)),
            _ => (JobStatus::Transcribed, Progress::at(Stage::Summarising, 0.0)),
        };
        self.set_progress(tx, id, progress).await?;
        Ok(status)
    }
}
