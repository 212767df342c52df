//! Finishes uploads that are whole and whose process died.

use std::{sync::Arc, time::Duration};

use library::StoreError;
use tokio::time::sleep;

use crate::{App, intake::resumable};

/// Time between two runs.
const FINISH_INTERVAL: Duration = Duration::from_secs(60);

/// Makes jobs of such uploads until the program is to end.
pub async fn run(app: Arc<App>) {
    let runs = async {
        loop {
            if let Err(error) = finish_all(&app).await {
                tracing::warn!(%error, "whole uploads could not be finished; trying again");
            }
            sleep(FINISH_INTERVAL).await;
        }
    };
    app.stop.run_until_cancelled(runs).await;
}

async fn finish_all(app: &Arc<App>) -> Result<(), StoreError> {
    for id in app.library.whole_uploads().await? {
        match resumable::finish(Arc::clone(app), app.library.upload(id).await?).await {
            Ok(job) => tracing::info!(upload = %id, %job, "an upload that was whole is a job now"),
            Err(problem) => tracing::warn!(upload = %id, ?problem, "a whole upload cannot become a job yet"),
        }
    }
    Ok(())
}
