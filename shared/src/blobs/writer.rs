//! A recording on its way to storage.

use std::sync::Arc;

use bytes::Bytes;
use object_store::{MultipartUpload, WriteMultipart};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::BlobError;

/// Bytes written at a time to a folder. One such part is being written while the next one gathers.
pub(super) const FILE_PART: usize = 1024 * 1024;
/// The same for a bucket, whose parts must not be smaller.
pub(super) const BUCKET_PART: usize = 5 * 1024 * 1024;

/// A recording that is whole and on storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBlob {
    /// Where it lies.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal digits.
    pub sha256: String,
}

/// A recording on its way to storage; dropped before [`finish`](Self::finish), it leaves nothing behind.
pub struct BlobWriter {
    key: String,
    place: Arc<str>,
    /// None once it is finished.
    parts: Option<WriteMultipart>,
    upload_id: Option<String>,
    digest: Sha256,
    size: u64,
}

impl BlobWriter {
    pub(super) fn new(
        key: String,
        place: Arc<str>,
        upload: Box<dyn MultipartUpload>,
        upload_id: Option<String>,
    ) -> Self {
        let part = if upload_id.is_some() { BUCKET_PART } else { FILE_PART };
        let parts = Some(WriteMultipart::new_with_chunk_size(upload, part));
        Self { key, place, parts, upload_id, digest: Sha256::new(), size: 0 }
    }

    /// What names the unfinished upload to an object store, with which [`Blobs::delete`](super::Blobs::delete) can end
    /// it even after this process.
    pub fn upload_id(&self) -> Option<&str> {
        self.upload_id.as_deref()
    }

    /// Bytes written so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds bytes, waiting while storage is slower than the sender.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), BlobError> {
        let Some(parts) = &mut self.parts else { return Ok(()) };
        parts.wait_for_capacity(1).await.map_err(|error| BlobError::of(&self.place, &error))?;
        self.digest.update(&bytes);
        self.size += bytes.len() as u64;
        parts.put(bytes);
        Ok(())
    }

    /// Makes the recording durable (synced, under its key) and tells its size and checksum.
    pub async fn finish(mut self) -> Result<StoredBlob, BlobError> {
        if let Some(parts) = self.parts.take() {
            parts.finish().await.map_err(|error| BlobError::of(&self.place, &error))?;
        }
        let (key, digest) = (std::mem::take(&mut self.key), std::mem::take(&mut self.digest));
        Ok(StoredBlob { key, size: self.size, sha256: hex::encode(digest.finalize()) })
    }
}

impl Drop for BlobWriter {
    /// A folder's upload cleans up after itself; an object store has to be told.
    fn drop(&mut self) {
        let (Some(parts), Some(_), Ok(runtime)) = (self.parts.take(), &self.upload_id, Handle::try_current())
        else {
            return;
        };
        let (key, place) = (std::mem::take(&mut self.key), Arc::clone(&self.place));
        runtime.spawn(async move {
            if let Err(error) = parts.abort().await {
                let error = BlobError::of(&place, &error);
                tracing::warn!(key, %error, "an upload that broke off could not be given up; it is swept later");
            }
        });
    }
}
