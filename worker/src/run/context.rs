//! What a worker and its tasks hold.

use std::sync::Arc;

use blobs::Blobs;
use config::Config;
use minutes::{Summariser, Templates};
use relay::bus::Bus;
use shared::{
    event::Event,
    job::{Failure, Progress},
};
use store::{Claim, Store, StoreError};
use tokio_util::sync::CancellationToken;

use super::{DeferredJobs, LeaseKeeper, RetryReason, TaskError};
use crate::{audio::DecodeLimits, engine::Engines, speakers::Diarisers};

/// What a worker holds for all its jobs.
pub(crate) struct WorkerContext {
    /// The worker's own name, by which it owns leases.
    pub(crate) owner: String,
    pub(crate) store: Store,
    pub(crate) blobs: Blobs,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) summariser: Arc<Summariser>,
    pub(crate) templates: Arc<Templates>,
    pub(crate) leases: LeaseKeeper,
    pub(crate) engines: Engines,
    pub(crate) diarisers: Diarisers,
    /// The jobs that others have to do.
    pub(crate) deferred: DeferredJobs,
    pub(crate) decode_limits: DecodeLimits,
    pub(crate) config: Config,
}

/// A claimed job, as its tasks see it.
pub(crate) struct JobContext<'a> {
    pub(crate) store: &'a Store,
    pub(crate) claim: &'a Claim,
    /// Cancelled when the process stops, when the job is cancelled or deleted, and when its lease is lost.
    pub(crate) stop: CancellationToken,
}

impl JobContext<'_> {
    /// What `work` comes to, unless the job is interrupted first.
    pub(crate) async fn or_interrupted<T>(&self, work: impl Future<Output = T>) -> Result<T, TaskError> {
        self.stop.run_until_cancelled(work).await.ok_or(RetryReason::Interrupted.into())
    }

    /// Saves where the work stands, and publishes it.
    pub(crate) async fn save_progress(&self, progress: Progress) -> Result<(), StoreError> {
        self.store.save_progress(&self.claim.lease, progress).await
    }

    /// Publishes where the work stands for those who watch just now.
    pub(crate) fn publish_progress(&self, progress: Progress) {
        self.store.publish_passing(self.claim.job.job_id, Event::Progress(progress));
    }

    /// Notes what people should know of the job, though it goes on.
    pub(crate) async fn note_errors(
        &self,
        service: &str,
        errors: impl IntoIterator<Item = Failure>,
    ) -> Result<(), StoreError> {
        for error in errors {
            self.store.note_error(&self.claim.lease, service, &error).await?;
        }
        Ok(())
    }
}
