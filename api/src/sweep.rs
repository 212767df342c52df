//! Looks after uploads that nobody looks after any more.

use std::{sync::Arc, time::Duration};

use shared::{housekeeping::look_again, store::StoreError};

use crate::{App, pieces};

/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(60);

/// Finishes whole uploads whose process died, and takes away those that ended, until the program is to end.
pub async fn run(app: Arc<App>) {
    look_again("uploads", PAUSE, &app.stop, || sweep(&app)).await;
}

async fn sweep(app: &Arc<App>) -> Result<(), StoreError> {
    for id in app.store.whole_uploads().await? {
        match pieces::finish(Arc::clone(app), app.store.upload(id).await?).await {
            Ok(job) => tracing::info!(upload = %id, %job, "an upload that was whole is a job now"),
            Err(problem) => tracing::warn!(upload = %id, ?problem, "a whole upload cannot become a job yet"),
        }
    }
    for id in app.store.ended_uploads().await? {
        match pieces::erase(app, id).await {
            Ok(()) => tracing::info!(upload = %id, "an upload that ended is taken away"),
            Err(problem) => {
                tracing::warn!(upload = %id, ?problem, "an upload that ended cannot be taken away")
            }
        }
    }
    Ok(())
}
