//! Recordings on storage.

use std::{ops::Range, time::Duration};

use bytes::Bytes;
use futures::stream::BoxStream;

use crate::{BlobError, BlobWriter, Library, LibraryError};

impl Library {
    /// Begins a recording under `key`, which gc finds and deletes if no job comes of it within `time`, whatever becomes
    /// of this process.
    ///
    /// # Errors
    /// When database or storage fail.
    pub async fn begin_recording(&self, key: String, time: Duration) -> Result<BlobWriter, LibraryError> {
        self.store.reserve_blob(&key, time).await?;
        let writer = self.blobs.create(key.clone()).await?;
        if let Some(id) = writer.upload_id() {
            self.store.name_upload(&key, id).await?;
        }
        Ok(writer)
    }

    /// The recording's bytes in `range`.
    ///
    /// # Errors
    /// When it is gone, or the storage fails.
    pub async fn read(
        &self,
        key: &str,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        self.blobs.read(key, range).await
    }
}
