//! What is deleted by itself: jobs whose time is up, and recordings on storage that belong to no job.
//!
//! Every worker does it, in small batches; whatever several of them do at the same time is done once.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    blobs::{BlobError, Blobs},
    config::StorageConfig,
    metrics::METRICS,
    store::{LooseBlob, Store, StoreError},
};

/// Jobs or recordings deleted at a time.
const BATCH: u32 = 50;

/// Why something was not deleted; the next look tries again.
#[derive(Debug, thiserror::Error)]
pub enum HousekeepingError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The storage failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// Deletes what is to be deleted, from time to time.
pub struct Housekeeper {
    store: Store,
    blobs: Blobs,
    retention: Option<Duration>,
    pause: Duration,
}

impl Housekeeper {
    /// One that has not begun.
    pub fn new(store: Store, blobs: Blobs, config: &StorageConfig) -> Self {
        Self { store, blobs, retention: config.retention(), pause: config.tidy() }
    }

    /// Looks for what is to be deleted until `stop` is cancelled.
    pub async fn run(&self, stop: CancellationToken) {
        look_again("what was to be deleted", self.pause, &stop, || self.tidy()).await;
    }

    /// Deletes everything that is to be deleted now.
    ///
    /// # Errors
    /// When the database fails; what was deleted until then stays deleted.
    pub async fn tidy(&self) -> Result<(), StoreError> {
        if let Some(age) = self.retention {
            self.delete_finished(age).await?;
        }
        let mut last = String::new();
        loop {
            let blobs = self.store.loose_blobs(&last, BATCH).await?;
            let Some(blob) = blobs.last() else { return Ok(()) };
            last.clone_from(&blob.key);
            for blob in &blobs {
                self.sweep(blob).await?;
            }
        }
    }

    /// What storage does not let go of is left to the next look; the others shall not wait for it.
    async fn sweep(&self, blob: &LooseBlob) -> Result<(), StoreError> {
        let recording = &blob.key;
        match remove(&self.store, &self.blobs, blob).await {
            Ok(()) => {
                METRICS.blobs_swept.inc();
                tracing::info!(recording, "deleted a recording that belongs to no job");
            }
            Err(HousekeepingError::Blob(error)) => {
                tracing::warn!(recording, %error, "a recording that belongs to no job cannot be deleted; trying again");
            }
            Err(HousekeepingError::Store(error)) => return Err(error),
        }
        Ok(())
    }

    async fn delete_finished(&self, age: Duration) -> Result<(), StoreError> {
        let mut jobs = 0;
        loop {
            let deleted = self.store.delete_finished(age, BATCH).await?;
            for job in &deleted {
                tracing::info!(%job, "deleted a job because its time is up");
            }
            jobs += deleted.len();
            if deleted.is_empty() {
                break;
            }
        }
        if jobs > 0 {
            METRICS.jobs_expired.inc_by(jobs as u64);
            tracing::info!(
                jobs,
                days = age.as_secs_f64() / 86_400.0,
                "deleted jobs that finished longer ago"
            );
        }
        Ok(())
    }
}

/// Looks after something, named by `what`, again and again with a pause between, until `stop` is cancelled.
pub async fn look_again<L: Future<Output = Result<(), StoreError>>>(
    what: &str,
    pause: Duration,
    stop: &CancellationToken,
    mut look: impl FnMut() -> L,
) {
    let looks = async {
        loop {
            if let Err(error) = look().await {
                tracing::warn!(what, %error, "not everything could be looked after; trying again");
            }
            tokio::time::sleep(pause).await;
        }
    };
    stop.run_until_cancelled(looks).await;
}

/// Deletes a recording that belongs to no job from storage, and strikes it out.
///
/// # Errors
/// When database or storage fail; the [`Housekeeper`] tries again.
pub async fn remove(store: &Store, blobs: &Blobs, blob: &LooseBlob) -> Result<(), HousekeepingError> {
    blobs.delete(&blob.key, blob.upload_id.as_deref()).await?;
    Ok(store.strike_out(&blob.key).await?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;

    use super::*;
    use crate::bus::InProcessBus;

    #[tokio::test]
    async fn a_delete_that_died_between_row_and_recording_is_brought_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("seogi.db").display());
        let store = Store::connect(&url, 2, Duration::MAX, Arc::new(InProcessBus::default())).await.unwrap();
        store.migrate().await.unwrap();
        let blobs = Blobs::local(&folder.path().join("blobs")).unwrap();
        let config = crate::config::Config::load(None, |_| None, Vec::new()).unwrap().storage;
        let housekeeper = Housekeeper::new(store.clone(), blobs.clone(), &config);
        for (key, time) in [("dead", Duration::ZERO), ("alive", Duration::from_secs(60))] {
            store.begin_upload(key, time).await.unwrap();
            let mut writer = blobs.create(key.into()).await.unwrap();
            writer.write(Bytes::from_static(b"x")).await.unwrap();
            writer.finish().await.unwrap();
        }
        housekeeper.tidy().await.unwrap();
        assert!(store.loose_blobs("", 9).await.unwrap().is_empty());
        assert!(blobs.open_reader("dead").await.is_err());
        assert!(blobs.open_reader("alive").await.is_ok(), "its job is just about to be written");
    }
}
