//! Resumable uploads: parts that count in their order, and the job that comes of them.

use std::time::Duration;

use serde_json::{Map, Value};
use shared::{
    job::{Job, JobId},
    upload::{Upload, UploadId},
};

use crate::{BlobWriter, Finishing, Lease, Library, LibraryError, NewJob, StoreError};

impl Library {
    /// Begins an upload that is kept for `keep` after its last part.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_upload(
        &self,
        file_name: &str,
        fields: &Map<String, Value>,
        size: Option<u64>,
        keep: Duration,
    ) -> Result<Upload, StoreError> {
        self.store.create_upload(file_name, fields, size, keep).await
    }

    /// Where the upload stands.
    ///
    /// # Errors
    /// When there is none (any more), or the database fails.
    pub async fn upload(&self, id: UploadId) -> Result<Upload, StoreError> {
        self.store.upload(id).await
    }

    /// Says how long the recording is, if that is not known yet.
    ///
    /// # Errors
    /// When there is no such upload, or the database fails.
    pub async fn size_upload(&self, id: UploadId, size: u64) -> Result<Upload, StoreError> {
        self.store.size_upload(id, size).await
    }

    /// Begins a part under `key`.
    ///
    /// # Errors
    /// When database or storage fail.
    pub async fn begin_part(
        &self,
        id: UploadId,
        key: &str,
        time: Duration,
    ) -> Result<BlobWriter, LibraryError> {
        self.store.note_part(id, key).await?;
        self.begin_recording(key.to_owned(), time).await
    }

    /// Makes the part durable and counts it at byte `start`; its size, or none if another part was counted there.
    ///
    /// # Errors
    /// When database or storage fail.
    pub async fn count_part(
        &self,
        id: UploadId,
        part: BlobWriter,
        start: u64,
        keep: Duration,
    ) -> Result<Option<u64>, LibraryError> {
        let stored = part.finish().await?;
        // From here on the upload's own list keeps it.
        self.store.unmark_orphan(&stored.key).await?;
        if self.store.count_part(id, &stored.key, start, stored.size, keep).await? {
            return Ok(Some(stored.size));
        }
        self.blobs.delete(&stored.key, None).await?;
        self.store.forget_part(&stored.key).await?;
        Ok(None)
    }

    /// Forgets a part that was not counted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_part(&self, key: &str) -> Result<(), StoreError> {
        self.store.forget_part(key).await
    }

    /// The parts that count, in their order, each with its key and size.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn upload_parts(&self, id: UploadId) -> Result<Vec<(String, u64)>, StoreError> {
        self.store.upload_parts(id).await
    }

    /// Uploads that are whole and not yet a job.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn whole_uploads(&self) -> Result<Vec<UploadId>, StoreError> {
        self.store.whole_uploads().await
    }

    /// Claims the making of the upload's job for `length`.
    ///
    /// # Errors
    /// When there is no such upload, or the database fails.
    pub async fn claim_upload(&self, id: UploadId, length: Duration) -> Result<Finishing, StoreError> {
        self.store.claim_upload(id, &self.owner, length).await
    }

    /// Makes a claim run for `length` from now on; `false` when another process has taken over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew_upload(&self, lease: &Lease<UploadId>, length: Duration) -> Result<bool, StoreError> {
        self.store.renew(lease, length).await
    }

    /// Gives the claim back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_upload(&self, lease: &Lease<UploadId>) -> Result<(), StoreError> {
        self.store.release_upload(lease).await
    }

    /// Makes the upload's job of a recording that is on storage. Another process made one before: then that is the
    /// answer, and the recording goes.
    ///
    /// # Errors
    /// When the upload is gone, or the database fails.
    pub async fn finish_upload(&self, id: UploadId, new: NewJob) -> Result<Job, StoreError> {
        let (job_id, key) = (new.id, new.blob.key.clone());
        let finished = self.store.finish_upload(id, new).await;
        match &finished {
            Ok(job) if job.job_id == job_id => {}
            Ok(_) | Err(StoreError::NoUpload(_) | StoreError::UploadExpired) => self.remove_orphan(key).await,
            // The database may have kept the job and failed to say so. If it has not, gc deletes the recording later.
            Err(_) => {}
        }
        finished
    }

    /// Deletes the parts of an upload that is job `job` now, whose worker is notified.
    ///
    /// # Errors
    /// When database or storage fail; gc tries again.
    pub async fn conclude_upload(&self, id: UploadId, job: JobId) -> Result<(), LibraryError> {
        self.queue.notify(job).await;
        Ok(gc::remove_parts(&self.store, &self.blobs, id).await?)
    }

    /// Ends an upload: nothing is added to it any more.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub async fn end_upload(&self, id: UploadId) -> Result<(), StoreError> {
        self.store.end_upload(id).await
    }

    /// Deletes an ended upload with its parts.
    ///
    /// # Errors
    /// When database or storage fail; gc tries again.
    pub async fn delete_upload(&self, id: UploadId) -> Result<(), LibraryError> {
        Ok(gc::remove_upload(&self.store, &self.blobs, id).await?)
    }
}
