//! Finishes uploads that are whole and whose process died.

use std::{sync::Arc, time::Duration};

use store::StoreError;

use crate::{App, intake::resumable};

/// Time between two runs.
const FINISH_INTERVAL: Duration = Duration::from_secs(60);

/// Makes jobs of such uploads until the program is to end.
pub async fn run(app: Arc<App>) {
    gc::repeat("finishing uploads", FINISH_INTERVAL, &app.stop, || finish_all(&app)).await;
}

async fn finish_all(app: &Arc<App>) -> Result<(), StoreError> {
    for id in app.store.whole_uploads().await? {
        match resumable::finish(Arc::clone(app), app.store.upload(id).await?).await {
            Ok(job) => tracing::info!(upload = %id, %job, "an upload that was whole is a job now"),
            Err(problem) => tracing::warn!(upload = %id, ?problem, "a whole upload cannot become a job yet"),
        }
    }
    Ok(())
}
