//! Uploads that ended, or were never finished in time.

use blobs::Blobs;
use shared::upload::UploadId;
use store::{Store, StoreError};

use crate::GcError;

/// Deletes every upload that ended, with its parts.
pub(crate) async fn delete_ended(store: &Store, blobs: &Blobs) -> Result<(), StoreError> {
    for upload in store.ended_uploads().await? {
        match remove_upload(store, blobs, upload).await {
            Ok(()) => tracing::info!(%upload, "deleted an upload that ended"),
            Err(GcError::Store(error)) => return Err(error),
            Err(GcError::Blob(error)) => {
                tracing::warn!(%upload, %error, "an upload that ended cannot be deleted; trying again");
            }
        }
    }
    Ok(())
}

/// Deletes the parts of an upload, and then the upload.
///
/// # Errors
/// When database or storage fail; the [`Collector`](crate::Collector) tries again once the upload has ended.
pub async fn remove_upload(store: &Store, blobs: &Blobs, upload: UploadId) -> Result<(), GcError> {
    remove_parts(store, blobs, upload).await?;
    Ok(store.forget_upload(upload).await?)
}

/// Deletes the parts of an upload.
///
/// # Errors
/// When database or storage fail.
pub async fn remove_parts(store: &Store, blobs: &Blobs, upload: UploadId) -> Result<(), GcError> {
    for key in store.upload_keys(upload).await? {
        blobs.delete(&key, None).await?;
        store.forget_part(&key).await?;
    }
    Ok(())
}
