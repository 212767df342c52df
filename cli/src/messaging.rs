//! What joins API and workers: everything in this process, or Redis.

use std::sync::Arc;

use api::ReadyCheck;
use relay::{
    bus::{Bus, InProcessBus, RedisBus},
    queue::{InProcessQueue, Queue, RedisQueue},
    redis::{RedisClient, RedisUrlError},
};
use store::Store;

/// Queue and bus.
pub enum Messaging {
    /// For one process.
    InProcess(InProcessBus, InProcessQueue),
    /// For any number of them.
    Redis(Arc<RedisBus>, Box<RedisQueue>),
}

impl Messaging {
    /// Those on the Redis at `url`, or this process's own if that is empty.
    ///
    /// # Errors
    /// When `url` is none of Redis. That Redis is away is no error.
    pub fn connect(url: &str) -> Result<Self, RedisUrlError> {
        if url.is_empty() {
            return Ok(Self::InProcess(InProcessBus::default(), InProcessQueue::default()));
        }
        let client = RedisClient::to(url)?;
        Ok(Self::Redis(Arc::new(RedisBus::join(&client)), Box::new(RedisQueue::join(&client))))
    }

    /// The bus.
    pub fn bus(&self) -> Arc<dyn Bus> {
        match self {
            Self::InProcess(bus, _) => Arc::new(bus.clone()),
            Self::Redis(bus, _) => bus.clone(),
        }
    }

    /// The queue, for those who notify.
    pub fn queue(&self) -> Arc<dyn Queue> {
        match self {
            Self::InProcess(_, queue) => Arc::new(queue.clone()),
            Self::Redis(_, queue) => Arc::new(RedisQueue::clone(queue)),
        }
    }

    /// The queue inside this process, which nobody notifies when there is Redis.
    #[cfg(feature = "worker")]
    pub fn in_process(&self) -> InProcessQueue {
        match self {
            Self::InProcess(_, queue) => queue.clone(),
            Self::Redis(..) => InProcessQueue::default(),
        }
    }

    /// The queue on Redis, if there is one.
    #[cfg(feature = "worker")]
    pub fn redis(&self) -> Option<RedisQueue> {
        match self {
            Self::InProcess(..) => None,
            Self::Redis(_, queue) => Some(RedisQueue::clone(queue)),
        }
    }

    /// What `GET /readyz` asks: Redis, or else the rows that wait.
    pub fn check(&self, store: &Store) -> ReadyCheck {
        let store = store.clone();
        match self {
            Self::InProcess(..) => ReadyCheck::new("queue", move || {
                let store = store.clone();
                async move { store.waiting(1).await.map(drop).map_err(|error| error.to_string()) }
            }),
            Self::Redis(_, queue) => {
                let queue = queue.clone();
                ReadyCheck::new("queue", move || {
                    let queue = queue.clone();
                    async move { queue.check().await }
                })
            }
        }
    }
}
