//! Recordings that no job needs any more.

use shared::{housekeeping, store::LooseBlob};

use crate::App;

/// Deletes the recording now if that is possible; if not, the sweep does it later.
pub async fn remove(app: &App, recording: LooseBlob) {
    if let Err(error) = housekeeping::remove(&app.store, &app.blobs, &recording).await {
        tracing::warn!(recording = recording.key, %error, "a recording that no job needs is still there; it is swept later");
    }
}
