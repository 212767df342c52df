//! Garbage collection: jobs whose time is up, recordings on storage that belong to no job, and uploads that ended.
//!
//! Every worker does it, in small batches; whatever several of them do at the same time is done once.
//!
//! ```no_run
//! # async fn start(store: store::Store, blobs: blobs::Blobs, config: &config::Config) {
//! let stop = tokio_util::sync::CancellationToken::new();
//! let collector = gc::Collector::new(store, blobs, &config.storage);
//! tokio::spawn({
//!     let stop = stop.clone();
//!     async move { collector.run(stop).await }
//! });
//! # }
//! ```

mod jobs;
mod orphans;
mod uploads;

use std::time::Duration;

use blobs::{BlobError, Blobs};
use config::StorageConfig;
use store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

pub use orphans::remove_orphan;
pub use uploads::{remove_parts, remove_upload};

/// Jobs or recordings deleted at a time.
const BATCH_ROWS: u32 = 50;

/// Why something was not deleted; the next collection tries again.
#[derive(Debug, thiserror::Error)]
pub enum GcError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The storage failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// Deletes what nobody needs any more, from time to time.
pub struct Collector {
    store: Store,
    blobs: Blobs,
    retention: Option<Duration>,
    interval: Duration,
}

impl Collector {
    /// One that has not begun.
    pub fn new(store: Store, blobs: Blobs, config: &StorageConfig) -> Self {
        Self { store, blobs, retention: config.retention(), interval: config.gc_interval() }
    }

    /// Collects until `stop` is cancelled.
    pub async fn run(&self, stop: CancellationToken) {
        repeat("garbage collection", self.interval, &stop, || self.collect()).await;
    }

    /// Deletes everything that is to be deleted now.
    ///
    /// # Errors
    /// When the database fails; what was deleted until then stays deleted.
    pub async fn collect(&self) -> Result<(), StoreError> {
        self.store.keep_reserve().await;
        if let Some(age) = self.retention {
            jobs::delete_finished(&self.store, age).await?;
        }
        orphans::delete_all(&self.store, &self.blobs).await?;
        uploads::delete_ended(&self.store, &self.blobs).await
    }
}

/// Runs `task`, named by `what`, again and again with a pause between, until `stop` is cancelled.
pub async fn repeat<T: Future<Output = Result<(), StoreError>>>(
    what: &str,
    pause: Duration,
    stop: &CancellationToken,
    mut task: impl FnMut() -> T,
) {
    let runs = async {
        loop {
            if let Err(error) = task().await {
                tracing::warn!(what, %error, "not everything could be done; trying again");
            }
            tokio::time::sleep(pause).await;
        }
    };
    stop.run_until_cancelled(runs).await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;

    use super::*;
    use relay::bus::InProcessBus;

    #[tokio::test]
    async fn a_delete_that_died_between_row_and_recording_is_brought_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("seogi.db").display());
        let store = Store::connect(&url, 2, Duration::MAX, Arc::new(InProcessBus::default())).await.unwrap();
        store.migrate().await.unwrap();
        let blobs = Blobs::local(&folder.path().join("blobs")).unwrap();
        let config = config::Config::load(None, |_| None, Vec::new()).unwrap().storage;
        let collector = Collector::new(store.clone(), blobs.clone(), &config);
        for (key, time) in [("dead", Duration::ZERO), ("alive", Duration::from_secs(60))] {
            store.reserve_blob(key, time).await.unwrap();
            let mut writer = blobs.create(key.into()).await.unwrap();
            writer.write(Bytes::from_static(b"x")).await.unwrap();
            writer.finish().await.unwrap();
        }
        collector.collect().await.unwrap();
        assert!(store.orphan_blobs("", 9).await.unwrap().is_empty());
        assert!(blobs.open_reader("dead").await.is_err());
        assert!(blobs.open_reader("alive").await.is_ok(), "its job is just about to be written");
    }
}
