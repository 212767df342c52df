//! The queue of many processes: apalis-redis carries the tasks, and a bell on pub/sub says that one was pushed.
//!
//! A push through apalis-redis wakes nobody by itself, and its own poll strategies lose wake-ups; hence bell and [`Tick`].
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
use crate::redis::{Link, Speaker};
use shared::job::JobId;

/// Where the tasks lie in Redis.
const QUEUE: &str = "seogi:jobs";
/// The channel of the bell.
const BELL: &str = "seogi:bell";
/// Rings that wait while Redis is slow; the sweep finds the jobs of more.
const OUTBOX: usize = 4096;
/// A worker that gives no sign for this long is taken for dead, and its tasks are given to others.
const HEARTBEAT: Duration = Duration::from_secs(5);
const MISSED_HEARTBEATS: usize = 4;

/// A queue that reaches the workers of every process on the same Redis.
#[derive(Clone)]
pub struct RedisQueue {
    link: Link,
    outbox: Sender<JobId>,
}

/// The tasks on Redis, for one worker.
pub type RedisTasks = PollWith<RedisStorage<Task>, Tick>;

impl RedisQueue {
    /// Joins the processes on this Redis.
    pub fn join(link: &Link) -> Self {
        let (outbox, waiting) = channel(OUTBOX);
        tokio::spawn(push(storage(link), link.speak(BELL), waiting));
        Self { link: link.clone(), outbox }
    }

    /// Whether Redis answers.
    ///
    /// # Errors
    /// What is in the way, and what to do.
    pub async fn check(&self) -> Result<(), String> {
        self.link.check().await
    }

    /// The tasks, for one worker: looked for when the bell rings, and every `sweep` whether it rings or not.
    pub fn tasks(&self, sweep: Duration) -> RedisTasks {
        let bell = Arc::new(Notify::new());
        let rung = Arc::clone(&bell);
        let ear = self.link.listen(BELL, move |_| rung.notify_one());
        storage(&self.link).poll_with_strategy(Tick::new(sweep, bell, ear))
    }
}

#[async_trait]
impl Queue for RedisQueue {
    async fn ring(&self, job: JobId) {
        if self.outbox.try_send(job).is_err() {
            tracing::debug!(%job, "Redis is too slow or away; the job is found by looking");
        }
    }
}

fn storage(link: &Link) -> RedisStorage<Task> {
    // One task at a time: with more, a busy worker would hold tasks back from idle ones.
    let config = Config::default().queue(QUEUE).batch_size(1);
    let config = config.heartbeat_interval(HEARTBEAT).missed_heartbeats(MISSED_HEARTBEATS);
    RedisStorage::new(link.connection()).with_config(config)
}

async fn push(mut storage: RedisStorage<Task>, bell: Speaker, mut waiting: Receiver<JobId>) {
    while let Some(job) = waiting.recv().await {
        match storage.push(Task { job }).await {
            Ok(()) => bell.say(job.to_string().into_bytes()),
            Err(error) => {
                tracing::warn!(%job, %error, "Redis did not take a task; the job is found by looking")
            }
        }
    }
}

/// Looks for tasks when a bell rings, and at every tick.
pub struct Tick {
    interval: Interval,
    bell: Arc<Notify>,
    rung: BoxFuture<'static, ()>,
    _ear: AbortOnDropHandle<()>,
}

impl Tick {
    fn new(period: Duration, bell: Arc<Notify>, ear: AbortOnDropHandle<()>) -> Self {
        let mut interval = interval(period);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { interval, rung: heard(&bell), bell, _ear: ear }
    }
}

fn heard(bell: &Arc<Notify>) -> BoxFuture<'static, ()> {
    Box::pin(Arc::clone(bell).notified_owned())
}

impl PollStrategy for Tick {
    /// Polls both until neither is ready, so that each will wake the worker.
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let mut due = false;
        while self.interval.poll_tick(cx).is_ready() {
            due = true;
        }
        while Pin::new(&mut self.rung).poll(cx).is_ready() {
            self.rung = heard(&self.bell);
            due = true;
        }
        if due { Poll::Ready(Some(())) } else { Poll::Pending }
    }
}
