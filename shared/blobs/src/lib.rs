//! Recordings as they were uploaded, behind the `object_store` crate: in a local folder, or in a bucket of an object
//! store that speaks S3.
//!
//! Workers read ranges (see [`BlobReader`]), so that a machine needs neither a common folder nor room for whole
//! recordings. TLS and signatures are ring's: `object_store` is built without its feature `aws`, which is the same
//! code with a second cryptography library.

mod checksum;
mod error;
mod reader;
mod s3;
mod staging;
#[cfg(test)]
mod tests;
mod writer;

use std::{
    ops::Range,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
pub use error::BlobError;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path};
pub use reader::{BlobReader, nameless_file};
use reader::{Ranges, Spool};
use s3::Bucket;
pub use writer::BlobWriter;

use config::StorageConfig;

/// The store of recordings. A key names one recording for ever; what lies under it never changes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs {
    place: Place,
    /// What people call the place.
    name: Arc<str>,
}

#[derive(Clone, Debug)]
enum Place {
    Folder(Arc<LocalFileSystem>, Arc<FilePath>),
    Bucket(Arc<Bucket>, Arc<Spool>),
}

impl Blobs {
    /// Recordings where the configuration says. An object store need not be there yet.
    ///
    /// # Errors
    /// When the folder cannot be made, or the settings of the object store make no sense.
    pub fn open(config: &StorageConfig) -> Result<Self, BlobError> {
        let Some(bucket) = config.bucket() else { return Self::local(&config.folder()) };
        let at = if config.s3.endpoint.is_empty() { "Amazon S3" } else { &config.s3.endpoint };
        let name = format!("the bucket {} at {at}", bucket.name).into();
        let spool = Spool { folder: config.spool_folder(), most: config.spool_size };
        Ok(Self { place: Place::Bucket(Arc::new(Bucket::open(&bucket, &config.s3)?), Arc::new(spool)), name })
    }

    /// Recordings in a local folder, made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made or used.
    pub fn local(folder: &FilePath) -> Result<Self, BlobError> {
        let wrong = |reason: String| BlobError::Folder { folder: folder.display().to_string(), reason };
        std::fs::create_dir_all(folder).map_err(|error| wrong(error.to_string()))?;
        let files = LocalFileSystem::new_with_prefix(folder).map_err(|error| wrong(error.to_string()))?;
        let name = format!("the folder {}", folder.display()).into();
        Ok(Self { place: Place::Folder(Arc::new(files.with_fsync(true)), folder.into()), name })
    }

    /// What people call the place where recordings are kept.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder whose free space recordings take, if they are kept in one.
    pub fn folder(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Folder(_, folder) => Some(folder.to_path_buf()),
            Place::Bucket(..) => None,
        }
    }

    /// Begins a recording; until [`BlobWriter::finish`] nothing can be read under `key`.
    pub async fn create(&self, key: String) -> Result<BlobWriter, BlobError> {
        let begun = match &self.place {
            Place::Folder(files, _) => {
                files.put_multipart(&self.path(&key)).await.map(|upload| (upload, None))
            }
            Place::Bucket(bucket, _) => {
                bucket.upload(self.path(&key)).await.map(|(upload, id)| (upload, Some(id)))
            }
        };
        let (upload, id) = begun.map_err(|error| self.failed(error))?;
        Ok(BlobWriter::new(key, Arc::clone(&self.name), upload, id))
    }

    /// The recording's bytes in `range`.
    pub async fn read(
        &self,
        key: &str,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        let found = self.objects().get_opts(&self.path(key), options).await;
        let (blobs, found) = (self.clone(), found.map_err(|error| self.failed(error))?);
        Ok(found.into_stream().map_err(move |error| blobs.failed(error)).boxed())
    }

    /// The recording for decoders, which read here and there on threads of their own.
    pub async fn open_reader(&self, key: &str) -> Result<BlobReader, BlobError> {
        let path = self.path(key);
        match &self.place {
            Place::Folder(files, _) => {
                let file = files.path_to_filesystem(&path).map_err(|error| self.failed(error))?;
                Ok(tokio::fs::File::open(file)
                    .await
                    .map_err(|error| self.unreadable(&error))?
                    .into_std()
                    .await
                    .into())
            }
            Place::Bucket(bucket, spool) => {
                let size = bucket.objects.head(&path).await.map_err(|error| self.failed(error))?.size;
                let ranges = Ranges::new(Arc::clone(&bucket.objects), path, size, Arc::clone(&self.name));
                Ok(BlobReader::from_ranges(ranges, Arc::clone(spool)))
            }
        }
    }

    /// Deletes the recording, and what an upload of it left that broke off; that all is gone already is no error.
    /// `upload` is what [`BlobWriter::upload_id`] told.
    pub async fn delete(&self, key: &str, upload: Option<&str>) -> Result<(), BlobError> {
        let path = self.path(key);
        let swept = match (&self.place, upload) {
            (Place::Folder(files, _), _) => staging::sweep(files, &path).await,
            (Place::Bucket(bucket, _), Some(id)) => bucket.abort(&path, id).await,
            (Place::Bucket(..), None) => Ok(()),
        };
        swept.map_err(|error| self.failed(error))?;
        match self.objects().delete(&path).await.map_err(|error| self.failed(error)) {
            Err(BlobError::Missing) => Ok(()),
            deleted => deleted,
        }
    }

    /// Whether the storage takes and gives back data; for readiness checks, so it is asked once and not again.
    pub async fn check(&self) -> Result<(), BlobError> {
        let probe = self.path(&format!("probe-{}", uuid::Uuid::now_v7()));
        let objects: &dyn ObjectStore = match &self.place {
            Place::Folder(files, _) => files.as_ref(),
            Place::Bucket(bucket, _) => bucket.impatient.as_ref(),
        };
        let content = Bytes::from_static(b"seogi");
        objects.put(&probe, content.clone().into()).await.map_err(|error| self.failed(error))?;
        let read = async { objects.get(&probe).await?.bytes().await }.await;
        objects.delete(&probe).await.map_err(|error| self.failed(error))?;
        if read.map_err(|error| self.failed(error))? == content {
            return Ok(());
        }
        Err(BlobError::Storage {
            place: self.name().into(),
            reason: "it gives back other bytes than it took".into(),
        })
    }

    fn objects(&self) -> &dyn ObjectStore {
        match &self.place {
            Place::Folder(files, _) => files.as_ref(),
            Place::Bucket(bucket, _) => bucket.objects.as_ref(),
        }
    }

    fn path(&self, key: &str) -> Path {
        match &self.place {
            Place::Bucket(bucket, _) => bucket.path(key),
            Place::Folder(..) => Path::from(key),
        }
    }

    fn failed(&self, error: object_store::Error) -> BlobError {
        BlobError::of(&self.name, &error)
    }

    fn unreadable(&self, error: &std::io::Error) -> BlobError {
        if error.kind() == std::io::ErrorKind::NotFound {
            return BlobError::Missing;
        }
        BlobError::Storage { place: self.name().into(), reason: error.to_string() }
    }
}
