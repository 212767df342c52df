//! Jobs: what there is, and what people do with them.

use shared::{
    counts::JobCounts,
    event::LoggedEvent,
    job::{Job, JobId},
    peaks::Peaks,
    worker::WorkerState,
};
use store::OrphanBlob;

use crate::{JobError, JobFilter, JobPage, Library, NewJob, SharedState, StoreError, Subscription, TagCount};

impl Library {
    /// The job.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub async fn job(&self, id: JobId) -> Result<Job, StoreError> {
        self.store.job(id).await
    }

    /// Jobs, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, filter: &JobFilter) -> Result<JobPage, StoreError> {
        self.store.list(filter).await
    }

    /// Every tag with the number of its jobs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tags(&self) -> Result<Vec<TagCount>, StoreError> {
        self.store.tags().await
    }

    /// Jobs by status, and what they take.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn counts(&self) -> Result<JobCounts, StoreError> {
        self.store.counts().await
    }

    /// The workers, and what they hold.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workers(&self) -> Result<Vec<WorkerState>, StoreError> {
        self.store.workers().await
    }

    /// Makes the job of a recording that is on storage, and notifies a worker. An equal request made one before: then
    /// that is the answer, and the recording goes.
    ///
    /// # Errors
    /// When its key stands for another request, its upload took too long, or the database fails.
    pub async fn create_job(&self, new: NewJob) -> Result<Job, StoreError> {
        let (id, key) = (new.id, new.blob.key.clone());
        let created = self.store.create_job(new).await;
        match &created {
            Ok(job) if job.job_id == id => {}
            Ok(_) | Err(StoreError::KeyReused | StoreError::UploadExpired) => self.remove_orphan(key).await,
            // The database may have kept the job and failed to say so. If it has not, gc deletes the recording later.
            Err(_) => {}
        }
        let job = created?;
        self.queue.notify(job.job_id).await;
        Ok(job)
    }

    pub(crate) async fn remove_orphan(&self, key: String) {
        gc::remove_orphan(&self.store, &self.blobs, &OrphanBlob { key, upload_id: None }).await;
    }

    /// Gives the job another title.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub async fn rename(&self, id: JobId, title: &str) -> Result<(), StoreError> {
        self.store.rename(id, title).await
    }

    /// Gives the job other tags.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub async fn set_tags(&self, id: JobId, tags: &[String]) -> Result<(), StoreError> {
        self.store.set_tags(id, tags).await
    }

    /// Ends the work on a job; what was transcribed is kept.
    ///
    /// # Errors
    /// When there is none, it is finished, or the database fails.
    pub async fn cancel(&self, id: JobId) -> Result<Job, StoreError> {
        self.store.cancel(id).await
    }

    /// Sets a failed or cancelled job going again, and notifies a worker.
    ///
    /// # Errors
    /// When there is none, its status does not allow it, or the database fails.
    pub async fn retry(&self, id: JobId) -> Result<Job, StoreError> {
        let job = self.store.retry(id).await?;
        self.queue.notify(id).await;
        Ok(job)
    }

    /// Deletes the job with all that belongs to it, the recording now if storage allows it.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub async fn delete(&self, id: JobId) -> Result<(), StoreError> {
        let recording = self.store.delete(id).await?;
        gc::remove_orphan(&self.store, &self.blobs, &recording).await;
        Ok(())
    }

    /// What went wrong with the job, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn errors(&self, id: JobId) -> Result<Vec<JobError>, StoreError> {
        self.store.errors(id).await
    }

    /// The recording's waveform, once there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn peaks(&self, id: JobId) -> Result<Option<Peaks>, StoreError> {
        self.store.peaks(id).await
    }

    /// The job's events after number `seq`, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn events_after(
        &self,
        job: JobId,
        seq: u64,
        limit: u32,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        self.store.events_after(job, seq, limit).await
    }

    /// What of the job changes while others watch it, read once for all of them.
    pub fn shared_state(&self, job: JobId) -> SharedState {
        self.store.shared_state(job)
    }

    /// Every notice for the job from now on.
    pub fn subscribe(&self, job: JobId) -> Subscription {
        self.bus.subscribe(job.into())
    }
}
