//! A recording on its way to storage.

use std::sync::Arc;

use bytes::Bytes;
use object_store::{MultipartUpload, WriteMultipart};
use shared::blob::StoredBlob;
use tokio::runtime::Handle;

use super::{BlobError, checksum::Checksum};

/// Bytes written at a time to a folder.
pub(super) const FILE_PART_BYTES: usize = 512 * 1024;
/// The same for a bucket, whose parts must not be smaller.
pub(super) const BUCKET_PART_BYTES: usize = 5 * 1024 * 1024;
/// While fewer parts than this are being written, the next one gathers.
const MAX_PARTS_IN_FLIGHT: usize = 2;

/// A recording on its way to storage; dropped before [`finish`](Self::finish), it leaves nothing behind.
pub struct BlobWriter {
    key: String,
    place: Arc<str>,
    /// None once it is finished.
    parts: Option<WriteMultipart>,
    upload_id: Option<String>,
    checksum: Checksum,
    size: u64,
}

impl BlobWriter {
    pub(super) fn new(
        key: String,
        place: Arc<str>,
        upload: Box<dyn MultipartUpload>,
        upload_id: Option<String>,
    ) -> Self {
        let part = if upload_id.is_some() { BUCKET_PART_BYTES } else { FILE_PART_BYTES };
        let parts = Some(WriteMultipart::new_with_chunk_size(upload, part));
        Self { key, place, parts, upload_id, checksum: Checksum::default(), size: 0 }
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
        parts
            .wait_for_capacity(MAX_PARTS_IN_FLIGHT)
            .await
            .map_err(|error| BlobError::of(&self.place, &error))?;
        self.checksum.add(bytes.clone()).await.map_err(|_| broke_down(&self.place))?;
        self.size += bytes.len() as u64;
        parts.put(bytes);
        Ok(())
    }

    /// Makes the recording durable (synced, under its key) and tells its size and checksum.
    pub async fn finish(mut self) -> Result<StoredBlob, BlobError> {
        if let Some(parts) = self.parts.take() {
            parts.finish().await.map_err(|error| BlobError::of(&self.place, &error))?;
        }
        let (key, checksum) = (std::mem::take(&mut self.key), std::mem::take(&mut self.checksum));
        Ok(StoredBlob {
            key,
            size: self.size,
            sha256: checksum.finish().await.map_err(|_| broke_down(&self.place))?,
        })
    }
}

/// A thread of this process died.
fn broke_down(place: &str) -> BlobError {
    BlobError::Storage { place: place.to_owned(), reason: "the checksum broke down".to_owned() }
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
