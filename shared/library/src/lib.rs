//! The gateway of requests to what is kept: database, storage, queue and bus behind one handle.
//!
//! Whoever answers requests has a [`Library`] and nothing else: what a request may touch is a method here. What belongs
//! together in the database and on storage is done together, and workers are notified where there is work for them.
//!
//! ```no_run
//! # async fn show(library: library::Library, id: shared::job::JobId) -> Result<(), library::StoreError> {
//! let job = library.job(id).await?;
//! for segment in library.segments(job.job_id).await? {
//!     assert!(segment.start <= segment.end);
//! }
//! # Ok(())
//! # }
//! ```

mod chat;
mod jobs;
mod minutes;
mod recordings;
#[cfg(test)]
mod tests;
mod transcript;
mod uploads;

use std::{path::PathBuf, sync::Arc};

use blobs::Blobs;
pub use blobs::{BlobError, BlobWriter};
use gc::GcError;
pub use relay::bus::{Notice, Subscription};
use relay::{bus::Bus, queue::Queue};
use store::Store;
pub use store::{Finishing, JobError, JobFilter, JobPage, Lease, NewJob, SharedState, StoreError, TagCount};

/// Everything that is kept, as requests may touch it. Cheap to clone.
#[derive(Clone)]
pub struct Library {
    /// This process's name, by which it owns leases.
    owner: String,
    store: Store,
    blobs: Blobs,
    queue: Arc<dyn Queue>,
    bus: Arc<dyn Bus>,
}

/// Why something that concerns database and storage was not done.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The database failed, or refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The storage failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

impl From<GcError> for LibraryError {
    fn from(error: GcError) -> Self {
        match error {
            GcError::Store(error) => Self::Store(error),
            GcError::Blob(error) => Self::Blob(error),
        }
    }
}

impl Library {
    /// The library of this database and storage, which notifies workers and watchers by `queue` and `bus`.
    pub fn new(store: Store, blobs: Blobs, queue: Arc<dyn Queue>, bus: Arc<dyn Bus>) -> Self {
        Self { owner: format!("api-{}", uuid::Uuid::now_v7()), store, blobs, queue, bus }
    }

    /// Whether the database takes and gives back data.
    ///
    /// # Errors
    /// When it does not.
    pub async fn check_database(&self) -> Result<(), StoreError> {
        self.store.check_writing().await
    }

    /// Whether the storage takes and gives back data.
    ///
    /// # Errors
    /// When it does not.
    pub async fn check_storage(&self) -> Result<(), BlobError> {
        self.blobs.check().await
    }

    /// The folder whose free space recordings take, if they are kept in one.
    pub fn folder(&self) -> Option<PathBuf> {
        self.blobs.folder()
    }
}
