//! Recordings on storage that belong to no job.

use blobs::Blobs;
use store::{OrphanBlob, Store, StoreError};
use telemetry::metrics::METRICS;

use crate::{BATCH_ROWS, GcError};

/// Deletes every orphan whose time is up. What storage does not let go of is left to the next collection; the others
/// shall not wait for it.
pub(crate) async fn delete_all(store: &Store, blobs: &Blobs) -> Result<(), StoreError> {
    let mut last = String::new();
    loop {
        let orphans = store.orphan_blobs(&last, BATCH_ROWS).await?;
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
pub async fn remove_orphan(store: &Store, blobs: &Blobs, orphan: &OrphanBlob) {
    if let Err(error) = delete(store, blobs, orphan).await {
        let recording = &orphan.key;
        tracing::warn!(recording, %error, "a recording that no job needs is still there; it is deleted later");
    }
}

async fn delete(store: &Store, blobs: &Blobs, orphan: &OrphanBlob) -> Result<(), GcError> {
    blobs.delete(&orphan.key, orphan.upload_id.as_deref()).await?;
    Ok(store.unmark_orphan(&orphan.key).await?)
}
