//! What a worker writes. Every write names its lease and is refused when that is gone.

use super::{
    NotedModel, Statement, Store, StoreError,
    lease::{Lease, held},
    log,
    pool::Transaction,
    rows::{MAX_ROWS_PER_INSERT, values},
};
use shared::{
    coverage::SpeechCoverage,
    edit::EditAction,
    event::{Event, LoggedEvent},
    job::{Failure, JobId, JobStatus, Progress, Stage},
    segment::Segment,
};

/// A stretch of audio that is transcribed.
#[derive(Clone, Debug)]
pub struct Window {
    /// Its segments, numbered on from those saved before.
    pub segments: Vec<Segment>,
    /// Audio before this position (samples at 16 kHz) is done, so that a later worker goes on there.
    pub checkpoint: u64,
    /// How much of the speech up to there is in the text.
    pub coverage: SpeechCoverage,
    /// Where the work stands with it.
    pub progress: Progress,
}

/// The language of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Language {
    /// ISO 639-1 code.
    pub code: String,
    /// From 0 to 1, where it was found out and not given.
    pub probability: Option<f64>,
}

impl Store {
    /// Saves which model and language the transcript comes from, so that a later worker goes on with the same.
    pub async fn save_speech(
        &self,
        lease: &Lease,
        model: &NotedModel,
        language: &Language,
    ) -> Result<(), StoreError> {
        let mut tx = self.fenced(lease).await?;
        let (path, sha256) = model.file.clone().map(|file| (file.path, file.sha256)).unzip();
        let update = "UPDATE jobs SET speech_model = ?, speech_model_path = ?, speech_model_sha256 = ?, language = ?, \
                      language_probability = NULLIF(?, -1.0) WHERE id = ?";
        self.query(update)
            .bind(model.name.clone())
            .bind(path)
            .bind(sha256)
            .bind(language.code.clone())
            .bind(or_minus_one(language.probability))
            .bind(lease.id.to_string())
            .execute(&mut tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Saves the language of a transcript that no speech model wrote.
    pub async fn save_language(&self, lease: &Lease, language: &Language) -> Result<(), StoreError> {
        let mut tx = self.fenced(lease).await?;
        let update = "UPDATE jobs SET language = ?, language_probability = NULLIF(?, -1.0) WHERE id = ?";
        self.query(update)
            .bind(language.code.clone())
            .bind(or_minus_one(language.probability))
            .bind(lease.id.to_string())
            .execute(&mut tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Saves a window: its segments, their events and the checkpoint, all or nothing.
    pub async fn save_window(&self, lease: &Lease, window: Window) -> Result<(), StoreError> {
        let mut tx = self.writer.begin().await?;
        if !self.advance(&mut tx, lease, &window).await? {
            tx.rollback().await?;
            return Err(StoreError::LeaseLost(lease.id));
        }
        self.insert_segments(&mut tx, lease.id, &window.segments).await?;
        let event = |segment: Segment| Event::TranscriptSegment {
            segment: segment.without_words(),
            status: JobStatus::Processing,
        };
        let events = window.segments.into_iter().map(event).collect();
        let logged = log::insert(self, &mut tx, lease.id, events).await?;
        tx.commit().await?;
        self.publish_logged(lease.id, logged);
        self.publish_passing(lease.id, Event::Progress(window.progress));
        Ok(())
    }

    /// Everything that a window changes in its job's row, in one statement; `false` when the lease is gone.
    async fn advance(
        &self,
        tx: &mut Transaction,
        lease: &Lease,
        window: &Window,
    ) -> Result<bool, StoreError> {
        let update = format!(
            "UPDATE jobs SET updated_at = {{now}}, crashes = 0, checkpoint = ?, coverage = ?, \
             segment_count = segment_count + ?, last_event = last_event + ?, stage = ?, progress = ?, \
             eta_seconds = NULLIF(?, -1.0) WHERE {}",
            held::<JobId>()
        );
        let segments = (window.segments.len() as u64).cast_signed();
        let held = self
            .query(&update)
            .bind(window.checkpoint.cast_signed())
            .bind(serde_json::json!(window.coverage).to_string())
            .bind(segments)
            .bind(segments)
            .bind(window.progress.stage.as_str())
            .bind(window.progress.progress)
            .bind(or_minus_one(window.progress.eta_seconds))
            .bind(lease.id.to_string())
            .bind(lease.owner.clone())
            .bind(lease.token)
            .execute(&mut *tx)
            .await?;
        Ok(held.rows_affected() == 1)
    }

    /// Saves who speaks: `segments` are new, or take the place of those with their numbers. One event tells of all.
    pub async fn save_speakers(&self, lease: &Lease, segments: Vec<Segment>) -> Result<(), StoreError> {
        let mut tx = self.fenced(lease).await?;
        self.delete_segments(&mut tx, lease.id, &segments).await?;
        self.insert_segments(&mut tx, lease.id, &segments).await?;
        let update = "UPDATE jobs SET segment_count = (SELECT COUNT(*) FROM segments WHERE job_id = jobs.id) WHERE id = ?";
        self.query(update).bind(lease.id.to_string()).execute(&mut tx).await?;
        let event = Event::TranscriptEdited {
            action: EditAction::Speakers,
            transcript_revision: 0,
            removed: Vec::new(),
            segments: segments.into_iter().map(Segment::without_words).collect(),
            status: JobStatus::Processing,
        };
        self.commit_with(tx, lease.id, vec![event]).await
    }

    /// Saves where the work stands, and tells the watchers.
    pub async fn save_progress(&self, lease: &Lease, progress: Progress) -> Result<(), StoreError> {
        let mut tx = self.fenced(lease).await?;
        self.set_progress(&mut tx, lease.id, progress).await?;
        tx.commit().await?;
        self.publish_passing(lease.id, Event::Progress(progress));
        Ok(())
    }

    /// Saves that all text is there; `duration` is the recording's length in seconds.
    pub async fn finish_transcript(&self, lease: &Lease, duration: f64) -> Result<(), StoreError> {
        let mut tx = self.fenced(lease).await?;
        let update = "UPDATE jobs SET status = 'TRANSCRIBED', transcribed_at = {now}, crashes = 0, duration_ms = ? \
                      WHERE id = ?";
        self.query(update)
            .bind((duration * 1000.0).round() as i64)
            .bind(lease.id.to_string())
            .execute(&mut tx)
            .await?;
        self.set_progress(&mut tx, lease.id, Progress::at(Stage::Summarising, 0.0)).await?;
        self.request_first(&mut tx, lease.id).await?;
        self.commit_with(tx, lease.id, vec![Event::Status { status: JobStatus::Transcribed }]).await
    }

    /// Ends the work with a failure that came from `service`; what had been transcribed is kept, and so are minutes.
    pub async fn fail(&self, lease: &Lease, service: &str, failure: &Failure) -> Result<(), StoreError> {
        let mut tx = self.fenced(lease).await?;
        let logged = self.fail_in(&mut tx, lease.id, service, failure).await?;
        tx.commit().await?;
        self.publish_logged(lease.id, logged);
        Ok(())
    }

    /// Notes an error of `service` that did not end the job.
    pub async fn note_error(
        &self,
        lease: &Lease,
        service: &str,
        failure: &Failure,
    ) -> Result<(), StoreError> {
        let mut tx = self.fenced(lease).await?;
        self.insert_error(&mut tx, lease.id, service, failure).await?;
        Ok(tx.commit().await?)
    }

    /// A transaction that holds the job, begun with the proof that the lease still does.
    pub(super) async fn fenced(&self, lease: &Lease) -> Result<Transaction, StoreError> {
        let mut tx = self.writer.begin().await?;
        let update = format!("UPDATE jobs SET updated_at = {{now}} WHERE {}", held::<JobId>());
        let held = self
            .query(&update)
            .bind(lease.id.to_string())
            .bind(lease.owner.clone())
            .bind(lease.token)
            .execute(&mut tx)
            .await?;
        if held.rows_affected() == 1 {
            return Ok(tx);
        }
        tx.rollback().await?;
        Err(StoreError::LeaseLost(lease.id))
    }

    pub(super) async fn commit_with(
        &self,
        mut tx: Transaction,
        job: JobId,
        events: Vec<Event>,
    ) -> Result<(), StoreError> {
        let logged = log::append(self, &mut tx, job, events).await?;
        tx.commit().await?;
        self.publish_logged(job, logged);
        Ok(())
    }

    /// Takes out the segments with the numbers of these.
    pub(super) async fn delete_segments(
        &self,
        tx: &mut Transaction,
        job: JobId,
        segments: &[Segment],
    ) -> Result<(), StoreError> {
        for some in segments.chunks(MAX_ROWS_PER_INSERT) {
            let places = values("?", some.len());
            let delete = format!("DELETE FROM segments WHERE job_id = ? AND number IN ({places})");
            let delete = self.query(&delete).bind(job.to_string());
            let delete = some.iter().fold(delete, |query, segment| query.bind(segment.number.cast_signed()));
            delete.execute(&mut *tx).await?;
        }
        Ok(())
    }

    pub(super) async fn insert_segments(
        &self,
        tx: &mut Transaction,
        job: JobId,
        segments: &[Segment],
    ) -> Result<(), StoreError> {
        for some in segments.chunks(MAX_ROWS_PER_INSERT) {
            let rows = values("(?, ?, ?, ?, ?, ?, ?, ?, ?)", some.len());
            let insert = format!(
                "INSERT INTO segments (job_id, number, start_ms, end_ms, body, recognition, speaker, edited, merged) \
                 VALUES {rows}"
            );
            let row = |query: Statement, segment: &Segment| {
                query
                    .bind(job.to_string())
                    .bind(segment.number.cast_signed())
                    .bind((segment.start * 1000.0).round() as i64)
                    .bind((segment.end * 1000.0).round() as i64)
                    .bind(segment.text.clone())
                    .bind(serde_json::json!(segment.recognition).to_string())
                    .bind(segment.speaker.clone())
                    .bind(i64::from(segment.edited))
                    .bind(serde_json::json!(segment.merged).to_string())
            };
            some.iter().fold(self.query(&insert), row).execute(&mut *tx).await?;
        }
        Ok(())
    }

    pub(super) async fn set_progress(
        &self,
        tx: &mut Transaction,
        job: JobId,
        progress: Progress,
    ) -> Result<(), StoreError> {
        self.query("UPDATE jobs SET stage = ?, progress = ?, eta_seconds = NULLIF(?, -1.0) WHERE id = ?")
            .bind(progress.stage.as_str())
            .bind(progress.progress)
            .bind(or_minus_one(progress.eta_seconds))
            .bind(job.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(())
    }

    /// Takes the lease away from whoever holds it and leaves the job with this status; with a final one it is finished.
    pub(super) async fn end(
        &self,
        tx: &mut Transaction,
        job: JobId,
        status: JobStatus,
    ) -> Result<(), StoreError> {
        let update = "UPDATE jobs SET status = ?, lease_owner = NULL, lease_until = NULL, \
                      lease_token = lease_token + 1, eta_seconds = NULL, crashes = 0, \
                      finished_at = CASE WHEN ? = 1 THEN {now} ELSE NULL END WHERE id = ?";
        let update = self.query(update).bind(status.as_str()).bind(i64::from(status.is_final()));
        update.bind(job.to_string()).execute(&mut *tx).await?;
        Ok(())
    }

    /// Ends the work with a failure, in a transaction that has changed the job's row already.
    pub(super) async fn fail_in(
        &self,
        tx: &mut Transaction,
        job: JobId,
        service: &str,
        failure: &Failure,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let status = self.status_after_failure(tx, job).await?;
        self.end(tx, job, status).await?;
        if status == JobStatus::Failed {
            self.query("UPDATE jobs SET failure_code = ?, failure_message = ? WHERE id = ?")
                .bind(failure.code.clone())
                .bind(failure.message.clone())
                .bind(job.to_string())
                .execute(&mut *tx)
                .await?;
        }
        self.insert_error(tx, job, service, failure).await?;
        log::append(self, tx, job, vec![error_event(failure, status)]).await
    }

    async fn insert_error(
        &self,
        tx: &mut Transaction,
        job: JobId,
        service: &str,
        failure: &Failure,
    ) -> Result<(), StoreError> {
        let insert = "INSERT INTO errors (job_id, number, service, code, message, created_at) \
                      SELECT ?, COALESCE(MAX(number), 0) + 1, ?, ?, ?, {now} FROM errors WHERE job_id = ?";
        self.query(insert)
            .bind(job.to_string())
            .bind(service.to_owned())
            .bind(failure.code.clone())
            .bind(failure.message.clone())
            .bind(job.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(())
    }
}

/// A number for `NULLIF(?, -1.0)`: PostgreSQL remembers a bound NULL as text, and then takes no number in its place.
fn or_minus_one(number: Option<f64>) -> f64 {
    number.unwrap_or(-1.0)
}

/// The event that tells watchers of a failure.
pub(super) fn error_event(failure: &Failure, status: JobStatus) -> Event {
    Event::Error { code: failure.code.clone(), message: failure.message.clone(), status }
}
