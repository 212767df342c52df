//! Recordings as they were uploaded, behind the `object_store` crate.

use std::{ops::Range, path::PathBuf, sync::Arc};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt, WriteMultipart, local::LocalFileSystem, path::Path,
};
use sha2::{Digest, Sha256};

/// Bytes written at a time, and so what one upload holds in memory, twice.
const PART_BYTES: usize = 1024 * 1024;

/// Why a recording could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The folder cannot be made or used.
    #[error(
        "the folder for recordings, {folder}, cannot be used: {reason}; check that it exists and is writable, or set SEOGI_DATA to another one"
    )]
    Folder {
        /// The folder.
        folder: String,
        /// What the system said.
        reason: String,
    },
    /// No recording is stored under the key.
    #[error("the recording is not on storage any more; upload it again")]
    Missing,
    /// The storage refused or failed.
    #[error("the storage for recordings failed: {0}; check its free space and permissions")]
    Storage(object_store::Error),
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            other => Self::Storage(other),
        }
    }
}

/// The store of recordings. A key names one recording for ever; what lies under it never changes.
#[derive(Clone, Debug)]
pub struct Blobs {
    files: Arc<LocalFileSystem>,
}

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

impl Blobs {
    /// Recordings in a local folder, made if it is not there.
    pub fn local(folder: &std::path::Path) -> Result<Self, BlobError> {
        let wrong = |reason: String| BlobError::Folder { folder: folder.display().to_string(), reason };
        std::fs::create_dir_all(folder).map_err(|error| wrong(error.to_string()))?;
        let files = LocalFileSystem::new_with_prefix(folder).map_err(|error| wrong(error.to_string()))?;
        Ok(Self { files: Arc::new(files.with_fsync(true)) })
    }

    /// Begins a recording; until [`BlobWriter::finish`] nothing can be read under `key`.
    pub async fn create(&self, key: String) -> Result<BlobWriter, BlobError> {
        let upload = self.files.put_multipart(&Path::from(key.as_str())).await?;
        let parts = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
        Ok(BlobWriter { key, parts, digest: Sha256::new(), size: 0 })
    }

    /// The recording's bytes in `range`.
    pub async fn read(
        &self,
        key: &str,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        let found = self.files.get_opts(&Path::from(key), options).await?;
        Ok(found.into_stream().map_err(BlobError::from).boxed())
    }

    /// The recording as a file on this machine, for decoders that read here and there.
    pub async fn file(&self, key: &str) -> Result<PathBuf, BlobError> {
        let path = Path::from(key);
        self.files.head(&path).await?;
        Ok(self.files.path_to_filesystem(&path)?)
    }

    /// Deletes the recording; that it is gone already is no error.
    pub async fn delete(&self, key: &str) -> Result<(), BlobError> {
        match self.files.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the storage takes and gives back data; for readiness checks.
    pub async fn check(&self) -> Result<(), BlobError> {
        let probe = Path::from(format!("probe-{}", uuid::Uuid::now_v7()));
        self.files.put(&probe, Bytes::from_static(b"seogi").into()).await?;
        Ok(self.files.delete(&probe).await?)
    }
}

/// A recording on its way to storage; dropped before [`finish`](Self::finish), it leaves nothing behind.
pub struct BlobWriter {
    key: String,
    parts: WriteMultipart,
    digest: Sha256,
    size: u64,
}

impl BlobWriter {
    /// Bytes written so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds bytes, waiting while storage is slower than the sender.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), BlobError> {
        self.parts.wait_for_capacity(1).await?;
        self.digest.update(&bytes);
        self.size += bytes.len() as u64;
        self.parts.put(bytes);
        Ok(())
    }

    /// Makes the recording durable (synced, under its key) and tells its size and checksum.
    pub async fn finish(self) -> Result<StoredBlob, BlobError> {
        self.parts.finish().await?;
        Ok(StoredBlob { key: self.key, size: self.size, sha256: hex::encode(self.digest.finalize()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(blobs: &Blobs, key: &str, range: Range<u64>) -> Vec<u8> {
        let parts: Vec<Bytes> = blobs.read(key, range).await.unwrap().try_collect().await.unwrap();
        parts.concat()
    }

    #[tokio::test]
    async fn a_recording_comes_back_whole_and_in_ranges() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::local(folder.path()).unwrap();
        let content: Vec<u8> = (0..3 * PART_BYTES + 17).map(|i| (i % 251) as u8).collect();
        let mut writer = blobs.create("recordings/a".into()).await.unwrap();
        for part in content.chunks(100_000) {
            writer.write(Bytes::copy_from_slice(part)).await.unwrap();
        }
        let stored = writer.finish().await.unwrap();
        assert_eq!(stored.size, content.len() as u64);
        assert_eq!(stored.sha256, hex::encode(Sha256::digest(&content)));
        assert_eq!(read_all(&blobs, "recordings/a", 0..stored.size).await, content);
        assert_eq!(read_all(&blobs, "recordings/a", 5..9).await, &content[5..9]);
        assert_eq!(std::fs::read(blobs.file("recordings/a").await.unwrap()).unwrap(), content);
        blobs.delete("recordings/a").await.unwrap();
        blobs.delete("recordings/a").await.unwrap();
        assert!(matches!(blobs.file("recordings/a").await, Err(BlobError::Missing)));
    }

    #[tokio::test]
    async fn an_upload_that_breaks_off_cannot_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::local(folder.path()).unwrap();
        let mut writer = blobs.create("recordings/b".into()).await.unwrap();
        writer.write(Bytes::from(vec![1; 2 * PART_BYTES])).await.unwrap();
        drop(writer);
        assert!(matches!(blobs.file("recordings/b").await, Err(BlobError::Missing)));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Blobs::local(&file.path().join("below")).unwrap_err().to_string();
        assert!(error.contains("below") && error.contains("SEOGI_DATA"), "{error}");
    }
}
