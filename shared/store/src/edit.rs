//! Edits of transcripts. Each names the revision that it was made on, and is refused on another one.
//!
//! A revision names what the transcript says: undoing goes back to the revision before, and a new edit takes a number
//! that was never used.

use super::{Store, StoreError, log, pool::Transaction, rows};
use shared::{
    edit::{Change, Edit, EditAction, SpeakerChange},
    event::Event,
    job::{JobId, JobStatus},
    segment::Segment,
};

/// A transcript that nobody else can change, and how it stands.
struct TranscriptForEdit {
    tx: Transaction,
    id: JobId,
    status: JobStatus,
    revision: i64,
    last_edit: i64,
    last_segment: i64,
    segments: Vec<Segment>,
}

impl Store {
    /// Makes an edit on revision `revision` of the job's transcript, and keeps at most `kept` edits to undo. The event
    /// that tells of it is given back; none if it changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Stale`] on another revision, [`StoreError::Incomplete`] while the transcript is not whole, and
    /// [`StoreError::Edit`] when it cannot be made.
    pub async fn edit(
        &self,
        id: JobId,
        revision: u64,
        edit: &Edit,
        kept: u32,
    ) -> Result<Option<Event>, StoreError> {
        let mut transcript = self.transcript(id, revision).await?;
        let Some(change) = edit.change(&transcript.segments, transcript.last_segment.cast_unsigned() + 1)?
        else {
            transcript.tx.rollback().await?;
            return Ok(None);
        };
        if transcript.last_edit == 0 {
            self.keep_original(&mut transcript).await?;
        }
        transcript.last_edit += 1;
        self.remember(&mut transcript, &change, kept).await?;
        transcript.revision = transcript.last_edit;
        self.put(transcript, edit.action(), &change).await.map(Some)
    }

    /// Takes the newest edit back.
    ///
    /// # Errors
    /// As [`edit`](Self::edit), and [`StoreError::NothingToUndo`].
    pub async fn undo(&self, id: JobId, revision: u64) -> Result<Event, StoreError> {
        let mut transcript = self.transcript(id, revision).await?;
        let select = "SELECT previous, body FROM edits WHERE job_id = ? AND revision = ?";
        let found = self.remembered(&mut transcript, select).await?;
        let (previous, change) = found.ok_or(StoreError::NothingToUndo(id))?;
        let undone = transcript.revision;
        self.mark(&mut transcript, undone, 1).await?;
        transcript.revision = previous;
        self.put(transcript, EditAction::Undo, &change.inverse()).await
    }

    /// Makes the edit again that was taken back last.
    ///
    /// # Errors
    /// As [`edit`](Self::edit), and [`StoreError::NothingToRedo`].
    pub async fn redo(&self, id: JobId, revision: u64) -> Result<Event, StoreError> {
        let mut transcript = self.transcript(id, revision).await?;
        let select = "SELECT revision, body FROM edits WHERE job_id = ? AND undone = 1 AND previous = ?";
        let found = self.remembered(&mut transcript, select).await?;
        let (revision, change) = found.ok_or(StoreError::NothingToRedo(id))?;
        self.mark(&mut transcript, revision, 0).await?;
        transcript.revision = revision;
        self.put(transcript, EditAction::Redo, &change).await
    }

    /// The job's segments as they were recognised, in the order of time.
    pub async fn original_segments(&self, id: JobId) -> Result<Vec<Segment>, StoreError> {
        let select = "SELECT number, start_ms, end_ms, body, recognition, speaker, 0 AS edited, '[]' AS merged \
                      FROM original_segments WHERE job_id = ? ORDER BY start_ms, number";
        let rows: Vec<rows::SegmentRow> =
            sqlx::query_as(self.dialect.sql(select)).bind(id.to_string()).fetch_all(&self.readers).await?;
        if rows.is_empty() {
            return self.segments(id).await;
        }
        rows.into_iter().map(Segment::try_from).collect()
    }

    /// The transcript, held so that no other edit comes in between.
    async fn transcript(&self, id: JobId, revision: u64) -> Result<TranscriptForEdit, StoreError> {
        let mut tx = self.writer.begin().await?;
        let update = "UPDATE jobs SET updated_at = {now} WHERE id = ? AND transcribed_at IS NOT NULL";
        let held = self.query(update).bind(id.to_string()).execute(&mut tx).await?;
        if held.rows_affected() == 0 {
            tx.rollback().await?;
            return Err(self.job(id).await.map_or_else(|error| error, |_| StoreError::Incomplete(id)));
        }
        let select = "SELECT status, transcript_revision, last_edit, last_segment FROM jobs WHERE id = ?";
        let (status, current, last_edit, last_segment): (String, i64, i64, i64) =
            sqlx::query_as(self.dialect.sql(select)).bind(id.to_string()).fetch_one(&mut tx).await?;
        if current != revision.cast_signed() {
            tx.rollback().await?;
            return Err(StoreError::Stale { id, revision, current: current.cast_unsigned() });
        }
        let rows: Vec<rows::SegmentRow> =
            sqlx::query_as(self.dialect.sql(rows::SEGMENTS)).bind(id.to_string()).fetch_all(&mut tx).await?;
        let segments = rows.into_iter().map(Segment::try_from).collect::<Result<Vec<_>, _>>()?;
        let highest = segments.iter().map(|one| one.number.cast_signed()).max().unwrap_or_default();
        let status = rows::word("job status", &status)?;
        let last_segment = last_segment.max(highest);
        Ok(TranscriptForEdit { tx, id, status, revision: current, last_edit, last_segment, segments })
    }

    async fn keep_original(&self, transcript: &mut TranscriptForEdit) -> Result<(), StoreError> {
        let insert = "INSERT INTO original_segments (job_id, number, start_ms, end_ms, body, recognition, speaker) \
                      SELECT job_id, number, start_ms, end_ms, body, recognition, speaker FROM segments WHERE job_id = ?";
        self.query(insert).bind(transcript.id.to_string()).execute(&mut transcript.tx).await?;
        Ok(())
    }

    /// Keeps a change to undo it. What was undone before cannot be redone any more, and the oldest are forgotten.
    async fn remember(
        &self,
        transcript: &mut TranscriptForEdit,
        change: &Change,
        kept: u32,
    ) -> Result<(), StoreError> {
        self.query("DELETE FROM edits WHERE job_id = ? AND (undone = 1 OR revision <= ?)")
            .bind(transcript.id.to_string())
            .bind(transcript.last_edit - i64::from(kept))
            .execute(&mut transcript.tx)
            .await?;
        self.query("INSERT INTO edits (job_id, revision, previous, body) VALUES (?, ?, ?, ?)")
            .bind(transcript.id.to_string())
            .bind(transcript.last_edit)
            .bind(transcript.revision)
            .bind(serde_json::json!(change).to_string())
            .execute(&mut transcript.tx)
            .await?;
        Ok(())
    }

    async fn remembered(
        &self,
        transcript: &mut TranscriptForEdit,
        select: &str,
    ) -> Result<Option<(i64, Change)>, StoreError> {
        let row: Option<(i64, String)> = sqlx::query_as(self.dialect.sql(select))
            .bind(transcript.id.to_string())
            .bind(transcript.revision)
            .fetch_optional(&mut transcript.tx)
            .await?;
        row.map(|(number, body)| Ok((number, rows::json("edit", &body)?))).transpose()
    }

    async fn mark(
        &self,
        transcript: &mut TranscriptForEdit,
        revision: i64,
        undone: i64,
    ) -> Result<(), StoreError> {
        self.query("UPDATE edits SET undone = ? WHERE job_id = ? AND revision = ?")
            .bind(undone)
            .bind(transcript.id.to_string())
            .bind(revision)
            .execute(&mut transcript.tx)
            .await?;
        Ok(())
    }

    /// Puts a change into the transcript, with its event; the revision on the transcript is the one that it leads to.
    async fn put(
        &self,
        mut transcript: TranscriptForEdit,
        action: EditAction,
        change: &Change,
    ) -> Result<Event, StoreError> {
        let (removed, touched) = (change.gone(), change.touched(&transcript.segments));
        match change {
            Change::Segments { removed, added } => {
                self.delete_segments(&mut transcript.tx, transcript.id, removed).await?;
                self.insert_segments(&mut transcript.tx, transcript.id, added).await?;
            }
            Change::Speakers(changes) => self.set_speakers(&mut transcript, changes).await?,
        }
        let highest = touched.iter().map(|one| one.number.cast_signed()).max().unwrap_or_default();
        let update = "UPDATE jobs SET transcript_revision = ?, last_edit = ?, last_segment = ?, \
                      segment_count = (SELECT COUNT(*) FROM segments WHERE job_id = jobs.id) WHERE id = ?";
        self.query(update)
            .bind(transcript.revision)
            .bind(transcript.last_edit)
            .bind(transcript.last_segment.max(highest))
            .bind(transcript.id.to_string())
            .execute(&mut transcript.tx)
            .await?;
        let event = Event::TranscriptEdited {
            action,
            transcript_revision: transcript.revision.cast_unsigned(),
            removed,
            segments: touched.into_iter().map(Segment::without_words).collect(),
            status: transcript.status,
        };
        let logged = log::append(self, &mut transcript.tx, transcript.id, vec![event.clone()]).await?;
        transcript.tx.commit().await?;
        self.publish_logged(transcript.id, logged);
        Ok(event)
    }

    async fn set_speakers(
        &self,
        transcript: &mut TranscriptForEdit,
        changes: &[SpeakerChange],
    ) -> Result<(), StoreError> {
        for change in changes {
            self.query("UPDATE segments SET speaker = ? WHERE job_id = ? AND number = ?")
                .bind(change.after.clone())
                .bind(transcript.id.to_string())
                .bind(change.number.cast_signed())
                .execute(&mut transcript.tx)
                .await?;
        }
        Ok(())
    }
}
