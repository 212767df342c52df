//! Work on one job, from the claim to its end: what a worker does when the bell rings.

use std::{future::Future, time::Duration};

use relay::bus::{Bus, Notice};
use shared::{
    event::Event,
    job::{Channels, Failure, JobId, JobStatus, Progress},
};
use store::{Claim, StoreError};
use telemetry::metrics::METRICS;
use tokio_util::sync::CancellationToken;

use crate::{
    Parts,
    audio::{DecodeLimits, Layout},
    outcome::Unfinished,
};

/// Time before the next try at a recording whose storage fails.
const STORAGE_PAUSE: Duration = Duration::from_secs(5);

/// Time before the next look at a job whose model is not here.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// A job in hand.
pub(crate) struct Work<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) claim: &'a Claim,
    /// Cancelled when the process stops, when the job is cancelled or deleted, and when its lease is lost.
    pub(crate) stop: CancellationToken,
}

/// Claims the job and works on it, unless somebody else has it or there is nothing to do (any more).
pub(crate) async fn work_on(
    parts: &Parts,
    id: JobId,
    stopping: &CancellationToken,
) -> Result<(), StoreError> {
    if parts.left.has(id) {
        return Ok(());
    }
    let Some(claim) = parts.store.claim(id, &parts.owner, parts.config.worker.lease()).await? else {
        return Ok(());
    };
    tracing::info!(job = %id, attempt = claim.job.attempts, "work begins");
    let stop = stopping.child_token();
    let _kept = parts.heart.keep(claim.lease.clone(), stop.clone());
    let _ear = stop_when_told(parts.bus.as_ref(), id, stop.clone());
    let work = Work { parts, claim: &claim, stop };
    let outcome = work.run().await;
    work.conclude(outcome).await
}

impl Work<'_> {
    async fn run(&self) -> Result<(), Unfinished> {
        if self.claim.job.status != JobStatus::Transcribed {
            self.transcribe().await?;
        }
        self.summarise().await
    }

    /// Writes down how the work ended.
    async fn conclude(&self, outcome: Result<(), Unfinished>) -> Result<(), StoreError> {
        count(&outcome);
        let (store, lease, id) = (&self.parts.store, &self.claim.lease, self.claim.job.job_id);
        match outcome {
            Ok(()) => {
                tracing::info!(job = %id, "completed");
                Ok(())
            }
            Err(Unfinished::Failed { service, failure }) => {
                tracing::warn!(job = %id, service, code = failure.code, "failed");
                store.fail(lease, service, &failure).await
            }
            Err(Unfinished::Interrupted | Unfinished::Store(StoreError::LeaseLost(_))) => {
                tracing::info!(job = %id, "interrupted");
                self.give_back().await
            }
            Err(Unfinished::Storage(error)) => {
                tracing::warn!(job = %id, error, "the recording is out of reach; trying again");
                // Not at once, and not by everybody.
                self.stop.run_until_cancelled(tokio::time::sleep(STORAGE_PAUSE)).await;
                self.give_back().await
            }
            Err(Unfinished::Elsewhere(reason)) => self.leave_to_others(reason).await,
            Err(Unfinished::Store(error)) => {
                self.give_back().await?;
                Err(error)
            }
        }
    }

    /// Says why this worker does not go on with the job, once, and does not take it for a while.
    async fn leave_to_others(&self, reason: String) -> Result<(), StoreError> {
        let id = self.claim.job.job_id;
        if self.parts.left.leave(id, LOOK_AGAIN) {
            tracing::warn!(job = %id, reason, "left to other workers");
            let told = Failure::new("model_elsewhere", reason);
            let noted = self.parts.store.note_error(&self.claim.lease, "models", &told).await;
            self.give_back().await?;
            return noted;
        }
        self.give_back().await
    }

    /// Gives the lease back, later if the database does not answer now: one that only runs out counts as a crash.
    async fn give_back(&self) -> Result<(), StoreError> {
        let (store, lease) = (self.parts.store.clone(), self.claim.lease.clone());
        let released = store.release(&lease).await;
        if released.is_err() {
            let pause = self.parts.config.worker.sweep();
            tokio::spawn(async move {
                while store.release(&lease).await.is_err() {
                    tokio::time::sleep(pause).await;
                }
            });
        }
        released
    }

    /// What `task` comes to, unless the work is interrupted first.
    pub(crate) async fn or_interrupted<T>(&self, task: impl Future<Output = T>) -> Result<T, Unfinished> {
        self.stop.run_until_cancelled(task).await.ok_or(Unfinished::Interrupted)
    }

    /// Saves where the work stands, and tells the watchers.
    pub(crate) async fn save_progress(&self, progress: Progress) -> Result<(), StoreError> {
        self.parts.store.save_progress(&self.claim.lease, progress).await
    }

    /// Tells those who watch just now where the work stands.
    pub(crate) fn tell(&self, progress: Progress) {
        self.parts.store.publish_passing(self.claim.job.job_id, Event::Progress(progress));
    }

    pub(crate) fn decode_limits(&self) -> DecodeLimits {
        let layout = match self.claim.job.options.channels {
            Channels::Mix => Layout::Mix,
            Channels::Split => Layout::Split,
        };
        DecodeLimits { layout, ..self.parts.decode_limits.clone() }
    }
}

fn count(outcome: &Result<(), Unfinished>) {
    let (outcome, code) = match outcome {
        Ok(()) => ("completed", ""),
        Err(Unfinished::Failed { failure, .. }) => ("failed", failure.code.as_str()),
        Err(Unfinished::Interrupted | Unfinished::Store(StoreError::LeaseLost(_))) => ("interrupted", ""),
        Err(Unfinished::Storage(_)) => ("storage_away", ""),
        Err(Unfinished::Elsewhere(_)) => ("left", ""),
        Err(Unfinished::Store(_)) => ("database_away", ""),
    };
    METRICS.work_ends.get_or_create(&[("outcome", outcome.to_owned()), ("code", code.to_owned())]).inc();
}

/// Cancels `stop` when the bus says that the job was cancelled or deleted; the lease would tell as well, but later.
fn stop_when_told(
    bus: &dyn Bus,
    id: JobId,
    stop: CancellationToken,
) -> tokio_util::task::AbortOnDropHandle<()> {
    let mut ear = bus.subscribe(id.into());
    tokio_util::task::AbortOnDropHandle::new(tokio::spawn(async move {
        while !matches!(ear.next().await, Some(Notice::Stopped)) {}
        stop.cancel();
    }))
}
