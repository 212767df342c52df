//! The queue of many processes: apalis-redis carries the tasks, and a message on pub/sub says that one was pushed.
//!
//! A push through apalis-redis wakes nobody by itself, and its own poll strategies lose wake-ups; hence that message and [`Tick`].
//! Tasks may come twice, late or never: the claim sees to the first, and the sweep of the rows to the others.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use apalis_core::backend::{
    TaskSink,
    ext::{
        BackendExt,
        poll_strategy::{PollSnapshot, PollStrategy, PollWith},
    },
};
use apalis_redis::{Config, RedisStorage};
use async_trait::async_trait;
use futures::future::BoxFuture;
use tokio::{
    sync::{
        Notify,
        mpsc::{Receiver, Sender, channel},
    },
    time::{Interval, MissedTickBehavior, interval},
};

use tokio_util::task::AbortOnDropHandle;

use super::{Queue, Task};
use crate::redis::{Publisher, RedisClient};
use shared::job::JobId;

/// Where the tasks lie in Redis.
const QUEUE: &str = "seogi:jobs";
/// The channel of wake-ups.
const WAKE_UP_CHANNEL: &str = "seogi:wake_up";
/// Wake-ups that wait while Redis is slow; the sweep finds the jobs of more.
const OUTBOX_JOBS: usize = 4096;
/// A worker that gives no sign for this long is taken for dead, and its tasks are given to others.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);
const MISSED_HEARTBEATS: usize = 4;

/// A queue that reaches the workers of every process on the same Redis.
#[derive(Clone)]
pub struct RedisQueue {
    client: RedisClient,
    outbox: Sender<JobId>,
}

/// The tasks on Redis, for one worker.
pub type RedisTasks = PollWith<RedisStorage<Task>, Tick>;

impl RedisQueue {
    /// Joins the processes on this Redis.
    pub fn join(client: &RedisClient) -> Self {
        let (outbox, waiting) = channel(OUTBOX_JOBS);
        tokio::spawn(push(storage(client), client.publisher(WAKE_UP_CHANNEL), waiting));
        Self { client: client.clone(), outbox }
    }

    /// Whether Redis answers.
    ///
    /// # Errors
    /// What is in the way, and what to do.
    pub async fn check(&self) -> Result<(), String> {
        self.client.check().await
    }

    /// The tasks, for one worker: looked for at a wake-up, and every `sweep`.
    pub fn tasks(&self, sweep: Duration) -> RedisTasks {
        let wake_up = Arc::new(Notify::new());
        let notified = Arc::clone(&wake_up);
        let subscription = self.client.listen(WAKE_UP_CHANNEL, move |_| notified.notify_one());
        storage(&self.client).poll_with_strategy(Tick::new(sweep, wake_up, subscription))
    }
}

#[async_trait]
impl Queue for RedisQueue {
    async fn notify(&self, job: JobId) {
        if self.outbox.try_send(job).is_err() {
            tracing::debug!(%job, "Redis is too slow or away; the job is found by looking");
        }
    }
}

fn storage(client: &RedisClient) -> RedisStorage<Task> {
    // One task at a time: with more, a busy worker would hold tasks back from idle ones.
    let config = Config::default().queue(QUEUE).batch_size(1);
    let config = config.heartbeat_interval(HEARTBEAT_INTERVAL).missed_heartbeats(MISSED_HEARTBEATS);
    RedisStorage::new(client.connection()).with_config(config)
}

async fn push(mut storage: RedisStorage<Task>, wake_up: Publisher, mut waiting: Receiver<JobId>) {
    while let Some(job) = waiting.recv().await {
        match storage.push(Task { job }).await {
            Ok(()) => wake_up.publish(job.to_string().into_bytes()),
            Err(error) => {
                tracing::warn!(%job, %error, "Redis did not take a task; the job is found by looking")
            }
        }
    }
}

/// Looks for tasks at a wake-up, and at every tick.
pub struct Tick {
    interval: Interval,
    wake_up: Arc<Notify>,
    notified: BoxFuture<'static, ()>,
    _subscription: AbortOnDropHandle<()>,
}

impl Tick {
    fn new(period: Duration, wake_up: Arc<Notify>, subscription: AbortOnDropHandle<()>) -> Self {
        let mut interval = interval(period);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { interval, notified: notification(&wake_up), wake_up, _subscription: subscription }
    }
}

fn notification(wake_up: &Arc<Notify>) -> BoxFuture<'static, ()> {
    Box::pin(Arc::clone(wake_up).notified_owned())
}

impl PollStrategy for Tick {
    /// Polls both until neither is ready, so that each will wake the worker.
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let mut due = false;
        while self.interval.poll_tick(cx).is_ready() {
            due = true;
        }
        while Pin::new(&mut self.notified).poll(cx).is_ready() {
            self.notified = notification(&self.wake_up);
            due = true;
        }
        if due { Poll::Ready(Some(())) } else { Poll::Pending }
    }
}
