//! Looks after uploads that nobody looks after any more.

use std::{sync::Arc, time::Duration};

use shared::store::StoreError;
use tokio::time::{MissedTickBehavior, interval};

use crate::{App, pieces};

/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(60);

/// Finishes whole uploads whose process died, and takes away those that ended, until the program is to end.
pub async fn run(app: Arc<App>) {
    let mut look = interval(PAUSE);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while app.stop.run_until_cancelled(look.tick()).await.is_some() {
        if let Err(error) = sweep(&app).await {
            tracing::warn!(%error, "uploads could not be looked after; trying again in a minute");
        }
    }
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
