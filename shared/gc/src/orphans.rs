//! Recordings on storage that belong to no job.

use blobs::Blobs;
use store::{LooseBlob, Store, StoreError};
use telemetry::metrics::METRICS;

use crate::{BATCH, GcError};

/// Deletes every orphan whose time is up. What storage does not let go of is left to the next collection; the others
/// shall not wait for it.
pub(crate) async fn delete_all(store: &Store, blobs: &Blobs) -> Result<(), StoreError> {
    let mut last = String::new();
    loop {
        let orphans = store.loose_blobs(&last, BATCH).await?;
        let Some(orphan) = orphans.last() else { return Ok(()) };
        last.clone_from(&orphan.key);
        for orphan in &orphans {
            let recording = &orphan.key;
            match delete(store, blobs, orphan).await {
                Ok(()) => {
                    METRICS.blobs_swept.inc();
                    tracing::info!(recording, "deleted a recording that belongs to no job");
                }
                Err(GcError::Store(error)) => return Err(error),
                Err(GcError::Blob(error)) => {
                    tracing::warn!(recording, %error, "a recording that belongs to no job cannot be deleted; trying again");
                }
            }
        }
    }
}

/// Deletes a recording that no job needs now, if that is possible; if not, the collector does it later.
pub async fn remove_orphan(store: &Store, blobs: &Blobs, orphan: &LooseBlob) {
    if let Err(error) = delete(store, blobs, orphan).await {
        let recording = &orphan.key;
        tracing::warn!(recording, %error, "a recording that no job needs is still there; it is deleted later");
    }
}

async fn delete(store: &Store, blobs: &Blobs, orphan: &LooseBlob) -> Result<(), GcError> {
    blobs.delete(&orphan.key, orphan.upload_id.as_deref()).await?;
    Ok(store.strike_out(&orphan.key).await?)
}
