//! Finishes uploads that are whole and whose process died.

use std::{sync::Arc, time::Duration};

use store::StoreError;

use crate::{App, intake::pieces};

/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(60);

/// Makes jobs of such uploads until the program is to end.
pub async fn run(app: Arc<App>) {
    gc::repeat("finishing uploads", PAUSE, &app.stop, || sweep(&app)).await;
}

async fn sweep(app: &Arc<App>) -> Result<(), StoreError> {
    for id in app.store.whole_uploads().await? {
        match pieces::finish(Arc::clone(app), app.store.upload(id).await?).await {
            Ok(job) => tracing::info!(upload = %id, %job, "an upload that was whole is a job now"),
            Err(problem) => tracing::warn!(upload = %id, ?problem, "a whole upload cannot become a job yet"),
        }
    }
    Ok(())
}
