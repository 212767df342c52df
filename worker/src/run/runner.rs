//! The runner: apalis hands over the jobs that wait, and each is processed.

use std::{sync::Arc, time::Duration};

use apalis::prelude::{BoxDynError, Data, WorkerBuilder, WorkerBuilderExt};
use apalis_core::worker::ext::parallelize::ParallelizeExt;
use futures::FutureExt;
use relay::queue::{RedisQueue, RedisTasks, Task};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::limit::GlobalConcurrencyLimitLayer;

use super::{WaitingJobs, WorkerContext, job::process};

/// Time before a runner that Redis brought down is started again.
const RESTART_DELAY: Duration = Duration::from_secs(2);

/// The runner ended although nobody stopped it.
#[derive(Debug, thiserror::Error)]
#[error("the worker ended by itself ({0}); see the log above, then start it again")]
pub struct RunnerError(String);

/// What the handlers work with.
#[derive(Clone)]
struct RunnerContext {
    worker: Arc<WorkerContext>,
    /// As many as jobs may be in hand, wherever they came from.
    slots: Arc<Semaphore>,
    stop: CancellationToken,
}

/// Works on jobs until `stop` is cancelled, and then puts down what is in hand. The rows that wait are looked at in any
/// case; where there is Redis, its tasks say sooner which to look at.
pub(crate) async fn run(
    worker: Arc<WorkerContext>,
    waiting: WaitingJobs,
    redis: Option<RedisQueue>,
    stop: CancellationToken,
) -> Result<(), RunnerError> {
    let slots = Arc::new(Semaphore::new(worker.config.worker.concurrency));
    let context = RunnerContext { worker, slots, stop: stop.clone() };
    let consuming = redis
        .map(|queue| consume_redis(queue, context.clone()))
        .map_or(futures::future::pending().boxed(), FutureExt::boxed);
    tokio::select! {
        ended = serve_rows(waiting, context) => if stop.is_cancelled() { Ok(()) } else { Err(RunnerError(ended)) },
        never = consuming => match never {},
    }
}

/// Takes tasks from Redis, however often Redis brings the runner down.
async fn consume_redis(queue: RedisQueue, context: RunnerContext) -> std::convert::Infallible {
    loop {
        let ended = serve_redis(queue.tasks(context.worker.config.worker.sweep()), context.clone()).await;
        if context.stop.is_cancelled() {
            std::future::pending::<()>().await;
        }
        tracing::warn!(ended, "the tasks on Redis are out of reach; the rows are looked at meanwhile");
        tokio::time::sleep(RESTART_DELAY).await;
    }
}

/// A function that runs an apalis worker over one kind of backend, and gives the reason why it ended.
macro_rules! server_of {
    ($name:ident, $backend:ty) => {
        async fn $name(backend: $backend, context: RunnerContext) -> String {
            let stopped = context.stop.clone().cancelled_owned();
            // Of its own: a runner that waits for a task holds a place, which must not be missing elsewhere.
            let places = Arc::new(Semaphore::new(context.worker.config.worker.concurrency));
            // Redis takes a name that was used lately for one that is still in use.
            let runner = WorkerBuilder::new(format!("runner-{}", uuid::Uuid::now_v7()).as_str())
                .backend(backend)
                .data(context)
                .layer(GlobalConcurrencyLimitLayer::with_semaphore(places))
                .catch_panic()
                .parallelize(tokio::spawn)
                .build(handle);
            // Boxed, because the compiler cannot follow apalis's types further up and see that they may cross threads.
            let ended = runner.run_until(stopped.map(Ok::<(), std::io::Error>)).boxed().await;
            ended.map_or_else(|error| error.to_string(), |()| "no reason was given".to_owned())
        }
    };
}

server_of!(serve_rows, WaitingJobs);
server_of!(serve_redis, RedisTasks);

/// One task of the queue. Failures are in the job's row and in the log: apalis has nothing to repeat.
async fn handle(task: Task, context: Data<RunnerContext>) -> Result<(), BoxDynError> {
    let Some(Ok(_slot)) = context.stop.run_until_cancelled(context.slots.acquire()).await else {
        return Ok(());
    };
    if let Err(error) = process(&context.worker, task.job, &context.stop).await {
        tracing::error!(job = %task.job, %error, "work on the job broke off; it is taken up again");
    }
    Ok(())
}
