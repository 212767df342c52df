//! Jobs whose time is up.

use std::time::Duration;

use store::{Store, StoreError};
use telemetry::metrics::METRICS;

use crate::BATCH_ROWS;

/// Deletes every job that finished longer than `age` ago.
pub(crate) async fn delete_finished(store: &Store, age: Duration) -> Result<(), StoreError> {
    let mut jobs = 0;
    loop {
        let deleted = store.delete_finished(age, BATCH_ROWS).await?;
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
        tracing::info!(jobs, days = age.as_secs_f64() / 86_400.0, "deleted jobs that finished longer ago");
    }
    Ok(())
}
