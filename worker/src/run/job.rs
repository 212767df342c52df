//! Work on one job: claim, tasks, conclusion.

use std::time::Duration;

use relay::bus::{Bus, Notice};
use shared::job::{Channels, Failure, JobId, JobOptions, JobStatus};
use store::{Claim, StoreError};
use telemetry::metrics::METRICS;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::Instrument;

use super::{JobContext, RetryReason, TaskError, WorkerContext};
use crate::{
    audio::{DecodeLimits, Layout},
    tasks::{Diarise, Import, Summarise, Task, Transcribe},
};

/// Time before a job is given back whose recording is out of reach.
const STORAGE_RETRY_DELAY: Duration = Duration::from_secs(5);

/// Time before the next look at a job whose model is not here.
const MISSING_MODEL_DELAY: Duration = Duration::from_secs(60);

/// Claims the job and works on it, unless somebody else has it or there is nothing to do (any more).
pub(crate) async fn process(
    worker: &WorkerContext,
    id: JobId,
    stopping: &CancellationToken,
) -> Result<(), StoreError> {
    if worker.deferred.contains(id) {
        return Ok(());
    }
    let Some(claim) = worker.store.claim(id, &worker.owner, worker.config.worker.lease()).await? else {
        return Ok(());
    };
    tracing::info!(job = %id, attempt = claim.job.attempts, "work begins");
    let stop = stopping.child_token();
    let _renewed = worker.leases.renew_while_held(claim.lease.clone(), stop.clone());
    let _subscription = cancel_on_stop_notice(worker.bus.as_ref(), id, stop.clone());
    let job = JobContext { store: &worker.store, claim: &claim, stop };
    let outcome = run_tasks(worker, &job).await;
    count(&outcome);
    conclude(worker, &job, outcome).await
}

async fn run_tasks(worker: &WorkerContext, job: &JobContext<'_>) -> Result<(), TaskError> {
    let WorkerContext { blobs, engines, diarisers, summariser, templates, config, .. } = worker;
    if job.claim.job.status == JobStatus::Transcribed {
        // Only the minutes are missing.
    } else if let Some(import) = Import::of(job, blobs, &config.limits).await? {
        run(import).await?;
    } else {
        let diarise = Diarise { job, diarisers, limits: &config.limits };
        let decode_limits = decode_limits(worker, &job.claim.job.options);
        run(Transcribe { job, blobs, engines, speech: &config.speech, decode_limits, diarise }).await?;
    }
    run(Summarise { job, summariser, templates }).await
}

async fn run<T: Task>(task: T) -> Result<(), TaskError> {
    task.run().instrument(tracing::info_span!("task", name = T::NAME)).await
}

fn decode_limits(worker: &WorkerContext, options: &JobOptions) -> DecodeLimits {
    let layout = match options.channels {
        Channels::Mix => Layout::Mix,
        Channels::Split => Layout::Split,
    };
    DecodeLimits { layout, ..worker.decode_limits.clone() }
}

/// Writes down how the tasks ended.
async fn conclude(
    worker: &WorkerContext,
    job: &JobContext<'_>,
    outcome: Result<(), TaskError>,
) -> Result<(), StoreError> {
    let id = job.claim.job.job_id;
    match outcome {
        Ok(()) => {
            tracing::info!(job = %id, "completed");
            Ok(())
        }
        Err(TaskError::Fail { service, failure }) => {
            tracing::warn!(job = %id, service, code = failure.code, "failed");
            job.store.fail(&job.claim.lease, service, &failure).await
        }
        Err(TaskError::Retry(reason)) => retry(worker, job, reason).await,
    }
}

/// Gives the job back, so that this worker or another tries again.
async fn retry(worker: &WorkerContext, job: &JobContext<'_>, reason: RetryReason) -> Result<(), StoreError> {
    let id = job.claim.job.job_id;
    match reason {
        RetryReason::Interrupted => tracing::info!(job = %id, "interrupted"),
        RetryReason::Storage(error) => {
            tracing::warn!(job = %id, error, "the recording is out of reach; trying again");
            // Not at once, and not by everybody.
            job.stop.run_until_cancelled(tokio::time::sleep(STORAGE_RETRY_DELAY)).await;
        }
        RetryReason::MissingModel(reason) => return defer(worker, job, reason).await,
        RetryReason::Store(error) => {
            release(worker, job.claim).await?;
            return Err(error);
        }
    }
    release(worker, job.claim).await
}

/// Says why this worker does not go on with the job, once, and does not take it for a while.
async fn defer(worker: &WorkerContext, job: &JobContext<'_>, reason: String) -> Result<(), StoreError> {
    let id = job.claim.job.job_id;
    if !worker.deferred.defer(id, MISSING_MODEL_DELAY) {
        return release(worker, job.claim).await;
    }
    tracing::warn!(job = %id, reason, "left to other workers");
    let noted = job.note_errors("models", [Failure::new("model_elsewhere", reason)]).await;
    release(worker, job.claim).await?;
    noted
}

/// Gives the lease back, later if the database does not answer now: one that only runs out counts as a crash.
async fn release(worker: &WorkerContext, claim: &Claim) -> Result<(), StoreError> {
    let (store, lease) = (worker.store.clone(), claim.lease.clone());
    let released = store.release(&lease).await;
    if released.is_err() {
        let interval = worker.config.worker.sweep();
        tokio::spawn(async move {
            while store.release(&lease).await.is_err() {
                tokio::time::sleep(interval).await;
            }
        });
    }
    released
}

fn count(outcome: &Result<(), TaskError>) {
    let (outcome, code) = match outcome {
        Ok(()) => ("completed", ""),
        Err(TaskError::Fail { failure, .. }) => ("failed", failure.code.as_str()),
        Err(TaskError::Retry(reason)) => (reason.label(), ""),
    };
    METRICS.work_ends.get_or_create(&[("outcome", outcome.to_owned()), ("code", code.to_owned())]).inc();
}

/// Cancels `stop` when the bus says that the job was cancelled or deleted; the lease would show it as well, but later.
fn cancel_on_stop_notice(bus: &dyn Bus, id: JobId, stop: CancellationToken) -> AbortOnDropHandle<()> {
    let mut subscription = bus.subscribe(id.into());
    AbortOnDropHandle::new(tokio::spawn(async move {
        while !matches!(subscription.next().await, Some(Notice::Stopped)) {}
        stop.cancel();
    }))
}
