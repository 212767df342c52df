//! Minutes: the versions that there are, and those that are asked for.

use shared::{
    job::{Job, JobId, SummaryOptions},
    minutes::Minutes,
};

use crate::{Library, StoreError};

impl Library {
    /// Every version of the job's minutes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn minutes(&self, id: JobId) -> Result<Vec<Minutes>, StoreError> {
        self.store.minutes(id).await
    }

    /// A version of the minutes; the one that is shown if none is named.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub async fn summary(&self, id: JobId, version: Option<u64>) -> Result<Minutes, StoreError> {
        self.store.summary(id, version).await
    }

    /// Asks for another version, and notifies a worker; of each job at most `most_waiting` wait.
    ///
    /// # Errors
    /// When too many wait, the job's status does not allow it, or the database fails.
    pub async fn request_summary(
        &self,
        id: JobId,
        options: &SummaryOptions,
        most_waiting: u32,
    ) -> Result<Job, StoreError> {
        let job = self.store.request_summary(id, options, most_waiting).await?;
        self.queue.notify(id).await;
        Ok(job)
    }

    /// Chooses the version that is shown.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub async fn choose_summary(&self, id: JobId, version: u64) -> Result<(), StoreError> {
        self.store.choose_summary(id, version).await
    }
}
