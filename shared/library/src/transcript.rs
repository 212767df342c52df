//! Transcripts, and what people do to them.

use shared::{edit::Edit, event::Event, job::JobId, segment::Segment};

use crate::{Library, StoreError};

impl Library {
    /// The transcript as it stands.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn segments(&self, id: JobId) -> Result<Vec<Segment>, StoreError> {
        self.store.segments(id).await
    }

    /// The transcript as it was recognised.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn original_segments(&self, id: JobId) -> Result<Vec<Segment>, StoreError> {
        self.store.original_segments(id).await
    }

    /// Makes an edit on a revision, of which `kept` can be undone; none if there was nothing to change.
    ///
    /// # Errors
    /// When the transcript was edited since, the edit makes no sense, or the database fails.
    pub async fn edit(
        &self,
        id: JobId,
        revision: u64,
        edit: &Edit,
        kept: u32,
    ) -> Result<Option<Event>, StoreError> {
        self.store.edit(id, revision, edit, kept).await
    }

    /// Takes the last edit back.
    ///
    /// # Errors
    /// When the transcript was edited since, there is no edit, or the database fails.
    pub async fn undo(&self, id: JobId, revision: u64) -> Result<Event, StoreError> {
        self.store.undo(id, revision).await
    }

    /// Makes the edit again that was taken back last.
    ///
    /// # Errors
    /// When the transcript was edited since, there is no such edit, or the database fails.
    pub async fn redo(&self, id: JobId, revision: u64) -> Result<Event, StoreError> {
        self.store.redo(id, revision).await
    }
}
