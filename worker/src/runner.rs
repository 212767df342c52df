//! The runner: apalis calls for a job when the bell rings, and this takes it in hand.

use std::{sync::Arc, time::Duration};

use apalis::prelude::{BoxDynError, Data, WorkerBuilder, WorkerBuilderExt};
use apalis_core::worker::ext::parallelize::ParallelizeExt;
use futures::FutureExt;
use relay::queue::{RedisQueue, RedisTasks, Task};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::limit::GlobalConcurrencyLimitLayer;

use crate::{Parts, WaitingJobs, work::work_on};

/// Time before a runner that Redis brought down is started again.
const PAUSE: Duration = Duration::from_secs(2);

/// The runner ended although nobody stopped it.
#[derive(Debug, thiserror::Error)]
#[error("the worker ended by itself ({0}); see the log above, then start it again")]
pub struct RunnerError(String);

/// What the handlers work with.
#[derive(Clone)]
struct Shift {
    parts: Arc<Parts>,
    /// As many as jobs may be in hand, whoever calls for them.
    hands: Arc<Semaphore>,
    stop: CancellationToken,
}

/// Works on jobs until `stop` is cancelled, and then puts down what is in hand. The rows that wait are looked at in any
/// case; where there is Redis, its tasks say sooner which to look at.
pub(crate) async fn run(
    parts: Arc<Parts>,
    waiting: WaitingJobs,
    redis: Option<RedisQueue>,
    stop: CancellationToken,
) -> Result<(), RunnerError> {
    let hands = Arc::new(Semaphore::new(parts.config.worker.concurrency));
    let shift = Shift { parts, hands, stop: stop.clone() };
    let heeding = redis
        .map(|queue| heed(queue, shift.clone()))
        .map_or(futures::future::pending().boxed(), FutureExt::boxed);
    tokio::select! {
        ended = serve_rows(waiting, shift) => if stop.is_cancelled() { Ok(()) } else { Err(RunnerError(ended)) },
        never = heeding => match never {},
    }
}

/// Takes tasks from Redis, however often Redis brings the runner down.
async fn heed(queue: RedisQueue, shift: Shift) -> std::convert::Infallible {
    loop {
        let ended = serve_redis(queue.tasks(shift.parts.config.worker.sweep()), shift.clone()).await;
        if shift.stop.is_cancelled() {
            std::future::pending::<()>().await;
        }
        tracing::warn!(ended, "the tasks on Redis are out of reach; the rows are looked at meanwhile");
        tokio::time::sleep(PAUSE).await;
    }
}

/// A function that runs an apalis worker over one kind of backend, and gives the reason why it ended.
macro_rules! server_of {
    ($name:ident, $backend:ty) => {
        async fn $name(backend: $backend, shift: Shift) -> String {
            let stopped = shift.stop.clone().cancelled_owned();
            // Of its own: a runner that waits for a task holds a place, which must not be missing elsewhere.
            let places = Arc::new(Semaphore::new(shift.parts.config.worker.concurrency));
            // Redis takes a name that was used lately for one that is still in use.
            let worker = WorkerBuilder::new(format!("runner-{}", uuid::Uuid::now_v7()).as_str())
                .backend(backend)
                .data(shift)
                .layer(GlobalConcurrencyLimitLayer::with_semaphore(places))
                .catch_panic()
                .parallelize(tokio::spawn)
                .build(handle);
            // Boxed, because the compiler cannot follow apalis's types further up and see that they may cross threads.
            let ended = worker.run_until(stopped.map(Ok::<(), std::io::Error>)).boxed().await;
            ended.map_or_else(|error| error.to_string(), |()| "no reason was given".to_owned())
        }
    };
}

server_of!(serve_rows, WaitingJobs);
server_of!(serve_redis, RedisTasks);

/// One ring of the bell. Failures are in the job's row and in the log: apalis has nothing to repeat.
async fn handle(task: Task, shift: Data<Shift>) -> Result<(), BoxDynError> {
    let Some(Ok(_hand)) = shift.stop.run_until_cancelled(shift.hands.acquire()).await else { return Ok(()) };
    if let Err(error) = work_on(&shift.parts, task.job, &shift.stop).await {
        tracing::error!(job = %task.job, %error, "work on the job broke off; it is taken up again");
    }
    Ok(())
}
