//! The rows that wait, as a backend of apalis: looked at when a job wants doing, and every so often.

use std::{
    collections::VecDeque,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use apalis_core::{
    backend::{Backend, BackendConfig, finalize::Ephemeral},
    task::{
        Task as ApalisTask,
        builder::TaskBuilder,
        task_id::{RandomId, TaskId},
    },
    worker::context::WorkerContext,
};
use futures::{FutureExt, future::BoxFuture};
use relay::queue::{InProcessQueue, Task};
use shared::job::JobId;
use store::{Store, StoreError};
use tokio::sync::Notify;

use super::DeferredJobs;

/// Jobs read at a time.
const BATCH_JOBS: u32 = 16;

/// Time after which what was read is not worth a try: others have taken it.
const MAX_READ_AGE: Duration = Duration::from_secs(1);

/// What the backend does until it has a task to give.
enum Next {
    /// Reads the rows.
    Reading(BoxFuture<'static, Result<Vec<JobId>, StoreError>>),
    /// Everything that was read is given: waits for the wake-up or the sweep.
    Waiting(BoxFuture<'static, ()>),
}

/// An apalis backend over the jobs table: its tasks are the jobs that no worker holds.
///
/// One job may come up more than once, for instance when it is read again before its worker has claimed it; the
/// claim sees to it that this does no harm.
pub struct WaitingJobs {
    store: Store,
    wake_up: Arc<Notify>,
    sweep: Duration,
    deferred: DeferredJobs,
    read: VecDeque<JobId>,
    read_at: Instant,
    next: Option<Next>,
}

impl WaitingJobs {
    /// The jobs that wait, for one worker: read when `queue` says so, and every `sweep` whether it does or not.
    pub fn new(queue: &InProcessQueue, store: Store, sweep: Duration) -> Self {
        Self {
            store,
            wake_up: queue.wake_up(),
            sweep,
            deferred: DeferredJobs::default(),
            read: VecDeque::new(),
            read_at: Instant::now(),
            next: None,
        }
    }

    /// The same without those that the worker leaves to others.
    #[must_use]
    pub(crate) fn without(self, deferred: DeferredJobs) -> Self {
        Self { deferred, ..self }
    }

    fn reading(&self) -> Next {
        let (store, deferred) = (self.store.clone(), self.deferred.clone());
        Next::Reading(Box::pin(async move {
            // However many are deferred, those behind them come up.
            let batch = BATCH_JOBS.saturating_add(u32::try_from(deferred.count()).unwrap_or(u32::MAX));
            let waiting = store.waiting(batch).await?;
            Ok(waiting.into_iter().filter(|job| !deferred.contains(*job)).collect())
        }))
    }

    fn waiting(&self) -> Next {
        let (wake_up, sweep) = (Arc::clone(&self.wake_up), self.sweep);
        Next::Waiting(Box::pin(async move {
            // Either way the rows are read next.
            let _ = tokio::time::timeout(sweep, wake_up.notified()).await;
        }))
    }

    /// What to do after the rows were read. A database that is down is tried again at the next sweep.
    fn after_reading(&mut self, read: Result<Vec<JobId>, StoreError>) -> Next {
        match read {
            Ok(jobs) => (self.read, self.read_at) = (jobs.into(), Instant::now()),
            Err(error) => tracing::error!(%error, "cannot look for waiting jobs; trying again"),
        }
        self.waiting()
    }
}

impl Backend for WaitingJobs {
    type Task = ApalisTask<Task>;
    type Error = StoreError;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), StoreError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, StoreError>>> {
        loop {
            if !self.read.is_empty() && self.read_at.elapsed() > MAX_READ_AGE {
                self.read.clear();
                self.next = None;
            }
            if let Some(job) = self.read.pop_front() {
                let id = TaskId::from_string(RandomId::default());
                return Poll::Ready(Some(Ok(TaskBuilder::new(Task { job }).task_id(id).build())));
            }
            let mut next = self.next.take().unwrap_or_else(|| self.reading());
            let after = match &mut next {
                Next::Reading(reading) => reading.poll_unpin(cx).map(|read| self.after_reading(read)),
                Next::Waiting(waiting) => waiting.poll_unpin(cx).map(|()| self.reading()),
            };
            match after {
                Poll::Ready(after) => self.next = Some(after),
                Poll::Pending => {
                    self.next = Some(next);
                    return Poll::Pending;
                }
            }
        }
    }

    fn poll_close(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), StoreError>> {
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for WaitingJobs {
    type Args = Task;
    type Id = RandomId;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = tower_layer::Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Self::Layer {
        tower_layer::Identity::new()
    }
}
