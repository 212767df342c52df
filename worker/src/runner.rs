//! The runner: apalis calls for a job when the bell rings, and this takes it in hand.

use std::sync::Arc;

use apalis::prelude::{BoxDynError, Data, WorkerBuilder, WorkerBuilderExt};
use apalis_core::worker::ext::parallelize::ParallelizeExt;
use futures::FutureExt;
use shared::queue::{Task, WaitingJobs};
use tokio_util::sync::CancellationToken;

use crate::{Parts, work::work_on};

/// The runner ended although nobody stopped it.
#[derive(Debug, thiserror::Error)]
#[error("the worker ended by itself: {0}; see the log above, then start it again")]
pub struct RunnerError(String);

struct Shift {
    parts: Arc<Parts>,
    stop: CancellationToken,
}

/// Works on the jobs that `waiting` gives until `stop` is cancelled, and then puts down what is in hand.
pub(crate) async fn run(
    parts: Arc<Parts>,
    waiting: WaitingJobs,
    stop: CancellationToken,
) -> Result<(), RunnerError> {
    let worker = WorkerBuilder::new(parts.owner.as_str())
        .backend(waiting)
        .data(Arc::new(Shift { parts: Arc::clone(&parts), stop: stop.clone() }))
        .concurrency(parts.config.worker.concurrency)
        .catch_panic()
        .parallelize(tokio::spawn)
        .build(handle);
    let stopped = stop.clone().cancelled_owned().map(Ok::<(), std::io::Error>);
    // Boxed, because the compiler cannot follow apalis's types further up and see that they may cross threads.
    let ended = worker.run_until(stopped).boxed().await;
    match ended {
        _ if stop.is_cancelled() => Ok(()),
        Ok(()) => Err(RunnerError("no reason was given".into())),
        Err(error) => Err(RunnerError(error.to_string())),
    }
}

/// One ring of the bell. Failures are in the job's row and in the log: apalis has nothing to repeat.
async fn handle(task: Task, shift: Data<Arc<Shift>>) -> Result<(), BoxDynError> {
    if let Err(error) = work_on(&shift.parts, task.job, &shift.stop).await {
        tracing::error!(job = %task.job, %error, "work on the job broke off; it is taken up again");
    }
    Ok(())
}
